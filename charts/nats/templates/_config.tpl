{{- define "nats.replicas" -}}
{{ int .Values.global.nats.replicas }}
{{- end }}

{{/* What every server is; who may use it, and by which certificates, stands in the files of the Secret. */}}
{{- define "nats.config" -}}
server_name: $POD_NAME
listen: "0.0.0.0:4222"
http: "0.0.0.0:8222"
pid_file: "/run/nats/nats.pid"
# Room for the largest record (2 MiB) with its headers.
max_payload: 4MB
# Clients are sent to other servers one after the other when this one is to end.
lame_duck_grace_period: "2s"
lame_duck_duration: "30s"
jetstream {
  store_dir: "/data"
  # A write is on the disk before it is acknowledged.
  sync_interval: {{ .Values.storage.syncInterval }}
}
accounts { include nats-account.conf }
{{- if .Values.global.nats.tls }}
tls { cert_file: "/etc/nats/tls.crt", key_file: "/etc/nats/tls.key", min_version: "1.3" }
{{- end }}
{{- if gt (include "nats.replicas" . | int) 1 }}
cluster {
  name: {{ include "penstock.name" . }}
  listen: "0.0.0.0:6222"
  # All three, with what they know each other by.
  include nats-routes.conf
  {{- if .Values.global.nats.tls }}
  tls { cert_file: "/etc/nats/tls.crt", key_file: "/etc/nats/tls.key", ca_file: "/etc/nats/ca.crt", min_version: "1.3" }
  {{- end }}
}
{{- end }}
{{- end }}
