// The load balancer of the bed: gives each Service of type LoadBalancer an address of a pool. kube-proxy routes whatever
// status.loadBalancer names, so there is nothing else to do.
package main

import (
	"context"
	"flag"
	"log"
	"net/netip"
	"os/signal"
	"syscall"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

type addressPool struct {
	client kubernetes.Interface
	pool   netip.Prefix
	owners map[netip.Addr]string // address to namespace/name; touched by the informer's one goroutine only
}

func runAddressPool(args []string) {
	flags := flag.NewFlagSet("address-pool", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "how to reach the API server")
	pool := flags.String("pool", "172.30.1.0/24", "the addresses to give")
	_ = flags.Parse(args)
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 200, 400
	client := kubernetes.NewForConfigOrDie(config)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	p := &addressPool{client, netip.MustParsePrefix(*pool), map[netip.Addr]string{}}
	factory := informers.NewSharedInformerFactory(client, 0)
	_, err = factory.Core().V1().Services().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { p.serve(ctx, object.(*core.Service)) },
		UpdateFunc: func(_, object any) { p.serve(ctx, object.(*core.Service)) },
		DeleteFunc: func(object any) {
			if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
				p.release(key)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	factory.Start(ctx.Done())
	<-ctx.Done()
}

func (p *addressPool) serve(ctx context.Context, service *core.Service) {
	key := service.Namespace + "/" + service.Name
	if service.Spec.Type != core.ServiceTypeLoadBalancer {
		p.release(key)
		return
	}
	if given := service.Status.LoadBalancer.Ingress; len(given) > 0 {
		if address, err := netip.ParseAddr(given[0].IP); err == nil {
			p.owners[address] = key
		}
		return
	}
	p.release(key)
	address, found := p.choose(service.Spec.LoadBalancerIP)
	if !found {
		log.Printf("%s: no address of %s is free", key, p.pool)
		return
	}
	service = service.DeepCopy()
	service.Status.LoadBalancer.Ingress = []core.LoadBalancerIngress{{IP: address.String()}}
	_, err := p.client.CoreV1().Services(service.Namespace).UpdateStatus(ctx, service, meta.UpdateOptions{})
	if err != nil {
		log.Printf("%s: %v", key, err) // after a conflict comes another update
		return
	}
	p.owners[address] = key
}

// The address asked for, when it lies in the pool and is free; when it is not, none. Without a wish the lowest free one.
func (p *addressPool) choose(wish string) (netip.Addr, bool) {
	if wish != "" {
		address, err := netip.ParseAddr(wish)
		return address, err == nil && p.pool.Contains(address) && p.owners[address] == ""
	}
	for address := p.pool.Masked().Addr().Next(); p.pool.Contains(address.Next()); address = address.Next() {
		if p.owners[address] == "" {
			return address, true
		}
	}
	return netip.Addr{}, false
}

func (p *addressPool) release(key string) {
	for address, owner := range p.owners {
		if owner == key {
			delete(p.owners, address)
		}
	}
}
