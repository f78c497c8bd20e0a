{{/* Everything that a service consists of. */}}
{{- define "penstock.objects" -}}
{{- include "penstock.needsInstall" .root }}
{{- range list "account" "rights" "admission" "deployment" "port" "disruptionBudget" "autoscaling" "networkPolicy" "serviceMonitor" }}
{{- with include (printf "penstock.%s" .) $ | trim }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Proxies are known by the name of their installation: another one of that name would remove those that it does not know. */}}
{{- define "penstock.needsInstall" -}}
{{- $global := .Values.global | default dict }}
{{- $isUsual := eq ($global.controllerName | default "penstock.dev/gateway-controller") "penstock.dev/gateway-controller" }}
{{- if not (or $isUsual (ne ($global.install | default "penstock") "penstock") $global.namespaces) }}
{{- fail (printf "global.controllerName is %s, so there may be another installation in this cluster: give this one a name of its own in global.install, or name the namespaces that it is for in global.namespaces; two of one name remove each other's proxies" $global.controllerName) }}
{{- end }}
{{- end }}

{{- define "penstock.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "penstock.metadata" .root | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{- define "penstock.port" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "penstock.metadata" .root | nindent 2 }}
spec:
  # Each replica by its own address: proxies keep their connections and choose among all, and each counts for itself.
  clusterIP: None
  selector:
    {{- include "penstock.selector" .root | nindent 4 }}
  ports:
    - { name: admin, port: 9900, targetPort: admin }
    {{- with .service.port }}
    - { name: {{ .name }}, port: {{ .number }}, targetPort: {{ .name }} }
    {{- end }}
{{- end }}

{{- define "penstock.disruptionBudget" -}}
{{- with .root }}
{{- if .Values.disruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "penstock.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.disruptionBudget.maxUnavailable | default 1 }}
  selector:
    matchLabels:
      {{- include "penstock.selector" . | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "penstock.autoscaling" -}}
{{- with .root }}
{{- $autoscaling := .Values.autoscaling | default dict }}
{{- if $autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "penstock.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "penstock.name" . }} }
  minReplicas: {{ $autoscaling.minReplicas }}
  maxReplicas: {{ $autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ $autoscaling.targetCpuPercent }} } }
{{- end }}
{{- end }}
{{- end }}
