{{/* Who reaches whom. Networks judge a packet by the pod that it goes to: by its port, not by that of its Service. */}}

{{/* In: what it serves, and the kubelet's probes. Out: names, NATS, and for those with rights the API server. */}}
{{- define "penstock.networkPolicy" -}}
{{- $service := .service }}
{{- with .root }}
{{- if .Values.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "penstock.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "penstock.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{ port: admin }]
      {{- with .Values.networkPolicy.metricsFrom }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- with $service.port }}
    - ports: [{ port: {{ .name }} }]
      from:
        # Proxies are in the namespaces of their Gateways.
        - namespaceSelector: {}
          podSelector: { matchLabels: { app.kubernetes.io/managed-by: penstock } }
        {{- with $.root.Values.proxies.from }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- end }}
  egress:
    {{- include "penstock.toNames" . | nindent 4 }}
    {{- include "penstock.toNats" . | nindent 4 }}
    {{- if eq (include "penstock.hasRights" .) "true" }}
    {{- include "penstock.toApiServer" . | nindent 4 }}
    {{- end }}
    {{- with .Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "penstock.toNames" -}}
# Pods of a DNS listen at either.
- ports:
    {{- range list 53 5353 }}
    - { port: {{ . }}, protocol: UDP }
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end }}

{{- define "penstock.toNats" -}}
- ports:
    {{- $ports := list }}
    {{- range (include "penstock.nats" . | fromYaml).url | splitList "," }}
    {{- $ports = append $ports (trim . | regexFind ":[0-9]+/?$" | trimAll ":/" | default "4222") }}
    {{- end }}
    {{- range uniq $ports }}
    - { port: {{ . }} }
    {{- end }}
{{- end }}

{{- define "penstock.toApiServer" -}}
# Where the API server is differs from cluster to cluster.
- ports:
    {{- /* Values that helm reuses from an older release have none, and no ports would be all. */}}
    {{- range .Values.global.apiServerPorts | default (list 443 6443) }}
    - { port: {{ . }} }
    {{- end }}
{{- end }}
