{{/* The name of everything that a chart makes: one installation per namespace, so the service's own name is enough. */}}
{{- define "penstock.name" -}}
{{ .Chart.Name }}
{{- end }}

{{/* Of objects that are in no namespace. */}}
{{- define "penstock.clusterName" -}}
{{ printf "penstock:%s:%s" .Release.Namespace (include "penstock.name" .) }}
{{- end }}

{{- define "penstock.selector" -}}
app.kubernetes.io/name: {{ include "penstock.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of pods: nothing that changes with the version of a chart alone, since each change of a label replaces all of them. */}}
{{- define "penstock.podLabels" -}}
{{ include "penstock.selector" . }}
app.kubernetes.io/part-of: penstock
{{- with .Values.pod.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "penstock.labels" -}}
{{ include "penstock.selector" . }}
app.kubernetes.io/part-of: penstock
app.kubernetes.io/version: {{ include "penstock.versionLabel" .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | include "penstock.versionLabel" }}
{{- end }}

{{/* A version may have a + and any length, a label neither, nor may it end in a mark. */}}
{{- define "penstock.versionLabel" -}}
{{ regexReplaceAll "[-_.]+$" (replace "+" "_" . | trunc 63) "" }}
{{- end }}

{{- define "penstock.metadata" -}}
name: {{ include "penstock.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "penstock.labels" . | nindent 2 }}
{{- end }}

{{/*
  By digest where one is given: then nothing else can be meant. `registry` is where it is if nobody says so; without, nobody
  may leave it out, since runtimes would look in a public place, where the name can be a stranger's.
*/}}
{{- define "penstock.image" -}}
{{- $global := .Values.global | default dict }}
{{- $name := .Values.image.repository }}
{{- if .Values.image.registry | default (not (regexMatch "^([^/]*[.:][^/]*|localhost)/" $name)) }}
{{- $registry := .Values.image.registry | default $global.imageRegistry | default .registry }}
{{- if not $registry }}
{{- fail (printf "no registry is given for the image %s: say in global.imageRegistry where the images of Penstock are, or in image.registry where this one is" $name) }}
{{- end }}
{{- $name = printf "%s/%s" $registry $name }}
{{- end }}
{{- if .Values.image.digest }}{{ $name }}@{{ .Values.image.digest }}
{{- else }}{{ $name }}:{{ .Values.image.tag | default $global.imageTag | default (.Chart.AppVersion | replace "+" "_" | trunc 128) }}
{{- end }}
{{- end }}

{{/* Who issues certificates: `job` or `cert-manager`. */}}
{{- define "penstock.certificates" -}}
{{ (.Values.global | default dict).certificates | default "job" }}
{{- end }}

{{/* The Secret that holds what this service alone may know. */}}
{{- define "penstock.secret" -}}
{{ .Values.existingSecret | default .Chart.Name }}
{{- end }}
