{{/* Labels by which a Prometheus finds what it is told. */}}
{{- define "monitoring.foundBy" -}}
{{- with ((.Values.global | default dict).monitoring | default dict).labels }}{{ toYaml . }}{{ end }}
{{- end }}
