{{/* What the Prometheus operator is told. Its kinds are there only once it is, so helm would fail with less of a sentence. */}}

{{- define "penstock.needsMonitoring" -}}
{{- $kind := printf "monitoring.coreos.com/v1/%s" .kind }}
{{- if not (.root.Capabilities.APIVersions.Has $kind) }}
{{- fail (printf "%s asks for a %s, which this cluster does not serve: install the Prometheus operator first; where helm cannot ask a cluster, say --api-versions %s" .value .kind $kind) }}
{{- end }}
{{- end }}

{{- define "penstock.serviceMonitor" -}}
{{- with .root }}
{{- $everywhere := (.Values.global | default dict).monitoring | default dict }}
{{- if or .Values.serviceMonitor.enabled $everywhere.enabled }}
{{- include "penstock.needsMonitoring" (dict "root" . "kind" "ServiceMonitor" "value" "serviceMonitor.enabled, or global.monitoring.enabled,") }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "penstock.metadata" . | nindent 2 }}
  {{- with merge dict .Values.serviceMonitor.labels ($everywhere.labels | default dict) }}
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "penstock.selector" . | nindent 6 }}
  endpoints:
    - port: admin
      path: /metrics
      {{- with .Values.serviceMonitor.interval | default $everywhere.interval }}
      interval: {{ . }}
      {{- end }}
      relabelings:
        # Rules and dashboards know a service by its own name, whatever its objects are called.
        - { targetLabel: job, replacement: {{ printf "penstock/%s" .Chart.Name }} }
{{- end }}
{{- end }}
{{- end }}
