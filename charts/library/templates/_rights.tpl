{{/*
  What the service may do in Kubernetes, as files/rights.yaml of its chart says: `cluster` always everywhere, `namespaced`
  everywhere or, with global.namespaces, in each of those.
*/}}
{{- define "penstock.rights" -}}
{{- $root := .root }}
{{- $name := include "penstock.clusterName" $root }}
{{- $rights := $root.Files.Get "files/rights.yaml" | fromYaml }}
{{- $namespaces := ($root.Values.global | default dict).namespaces | default list }}
{{- $everywhere := $rights.cluster | default list }}
{{- if not $namespaces }}{{ $everywhere = concat $everywhere ($rights.namespaced | default list) }}{{ end }}
{{- include "penstock.role" (dict "root" $root "kind" "ClusterRole" "name" $name "rules" $everywhere) }}
{{- range $namespaces }}
{{ include "penstock.role" (dict "root" $root "kind" "Role" "name" $name "namespace" . "rules" $rights.namespaced) }}
{{- end }}
{{- end }}

{{- define "penstock.role" -}}
{{- if .rules }}
{{- range list .kind (printf "%sBinding" .kind) }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ . }}
metadata:
  name: {{ $.name }}
  {{- with $.namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "penstock.labels" $.root | nindent 4 }}
{{- if hasSuffix "Binding" . }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{ $.kind }}, name: {{ $.name | quote }} }
subjects:
  - { kind: ServiceAccount, name: {{ include "penstock.name" $.root }}, namespace: {{ $.root.Release.Namespace }} }
{{- else }}
rules:
  {{- range $.rules }}
  # {{ .why }}
  - {{ omit . "why" | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "penstock.hasRights" -}}
{{ .Files.Get "files/rights.yaml" | empty | not }}
{{- end }}
