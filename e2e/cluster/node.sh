#!/bin/bash
# The first process of the node, in new namespaces of every sort: makes the mounts and the network, then buries orphans.
# With it die all processes, mounts and networks of the node. usage: node.sh FOLDER
set -eu
dir=$1

hostname penstock-node
# Nothing leaks out, and everything inside is shared: the kubelet insists on that.
mount --make-rprivate /
mount -t proc proc /proc
mount --make-rshared /
# A view of the new network, which also covers the machine's own cgroups; ours take their place.
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
while read -r controller _; do
  mkdir "/sys/fs/cgroup/${controller#name=}"
  mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/${controller#name=}"
done < "$dir/cgroups"
mount -t tmpfs -o mode=755 tmpfs /run
mount --make-rshared /run

# containerd's store and etcd live in memory: no waiting for disks. The kubelet and the network plugins have places of
# their own in /var that no flag can move.
for place in "$dir/containerd" "$dir/etcd" /var/lib /var/log; do
  mkdir -p "$place"
  mount -t tmpfs -o size=6g,mode=755 tmpfs "$place"
  mount --make-rshared "$place"
done
# The kubelet sets these for the whole machine; here it finds them as it wants them.
mkdir -p "$dir/sysctl"
for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
  file=$dir/sysctl/$(basename "${setting%=*}")
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

# The node's only way out ends in a second network, `outside`, where clients are.
ip link set lo up
ip netns add outside
ip link add eth0 type veth peer name eth1
ip link set eth1 netns outside
ip address add 172.30.0.1/24 dev eth0
ip link set eth0 up
ip route add default via 172.30.0.254
ip -n outside link set lo up
ip -n outside address add 172.30.0.254/24 dev eth1
ip -n outside link set eth1 up
ip -n outside route add default via 172.30.0.1
echo 1 > /proc/sys/net/ipv4/ip_forward

touch "$dir/ready"
while :; do wait -n || sleep 1; done
