{{/*
  An account with a few rights, a pod that uses them once, and a way to the API server for it. Of `job`:
    name         of everything
    rights       the part of files/rights.yaml
    hook         when helm runs it; without, it is part of the release, and the pod is left to a CronJob
*/}}
{{- define "secrets.objects" -}}
{{- range list "account" "role" "binding" "network" }}
{{- with include (printf "secrets.%s" .) $ | trim }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "secrets.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "penstock.labels" .root | nindent 2 }}
{{- with .hook }}
annotations:
  helm.sh/hook: {{ . }}
  # What the pod needs comes before it; a failed one stays to be looked at, until the next.
  helm.sh/hook-weight: {{ $.weight | default "-1" | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  helm.sh/hook-output-log-policy: hook-failed
{{- end }}
{{- end }}

{{- define "secrets.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "secrets.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{- define "secrets.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "secrets.metadata" . | nindent 2 }}
rules:
  {{- range index (.root.Files.Get "files/rights.yaml" | fromYaml) .rights }}
  # {{ .why }}
  - {{ omit . "why" | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}

{{- define "secrets.binding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "secrets.metadata" . | nindent 2 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
subjects:
  - { kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }} }
{{- end }}

{{- define "secrets.network" -}}
{{- if .root.Values.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "secrets.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "penstock.selector" .root | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    {{- include "penstock.toNames" .root | nindent 4 }}
    {{- include "penstock.toApiServer" .root | nindent 4 }}
    {{- with .root.Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end }}

{{/* The specification of a Job; `more` are arguments besides those that all have. */}}
{{- define "secrets.job" -}}
{{- $global := .root.Values.global | default dict }}
backoffLimit: 3
activeDeadlineSeconds: 240
template:
  metadata:
    labels:
      {{- include "penstock.podLabels" .root | nindent 6 }}
    {{- with .root.Values.pod.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    serviceAccountName: {{ .name }}
    automountServiceAccountToken: true
    restartPolicy: Never
    {{- include "penstock.podSpec" .root | nindent 4 }}
    containers:
      - name: secrets
        image: {{ include "penstock.image" .root }}
        imagePullPolicy: {{ .root.Values.image.pullPolicy }}
        args:
          - secrets
          - --namespace={{ .root.Release.Namespace }}
          - --install={{ $global.install | default "penstock" }}
          - --source={{ concat (list ($global.source | default "local")) .root.Values.moreSources | join "," }}
          {{- with .root.Values.serverNames }}
          - --names={{ join "," . }}
          {{- end }}
          {{- if eq (include "penstock.certificates" .root) "cert-manager" }}
          - --no-certificates
          {{- end }}
          {{- range .more }}
          - {{ . }}
          {{- end }}
        resources:
          {{- toYaml .root.Values.resources | nindent 10 }}
        securityContext:
          {{- include "penstock.containerSecurity" .root | nindent 10 }}
        volumeMounts:
          - { name: folder, mountPath: /tmp }
    volumes:
      # Keys lie here for as long as they are worked on: never on a disk.
      - { name: folder, emptyDir: { medium: Memory, sizeLimit: 16Mi } }
{{- end }}
