{{/* What all our pods have: an account without power, and a place away from their sisters. */}}
{{- define "penstock.podSpec" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- with .Values.pod.runAsUser }}
  {{- range $field := list "runAsUser" "runAsGroup" "fsGroup" }}
  {{ $field }}: {{ int64 $.Values.pod.runAsUser }}
  {{- end }}
  {{- end }}
  seccompProfile: { type: RuntimeDefault }
{{- with concat ((.Values.global | default dict).imagePullSecrets | default list) .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "penstock.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/*
  What these pods alone may know, as one folder. Where cert-manager issues certificates they are in Secrets of its own:
  `certificates` of the service says which of theirs it has under which name. Who brings a Secret brings all in one.
*/}}
{{- define "penstock.secretVolume" -}}
{{- $issued := eq (include "penstock.certificates" .root) "cert-manager" }}
{{- $secret := include "penstock.secret" .root }}
{{- $natsAuthority := (include "penstock.nats" .root | fromYaml).authority }}
{{- if and (or .root.Values.existingSecret (not $issued)) (not $natsAuthority) }}
secret:
  secretName: {{ $secret }}
  # Of root, for the group alone.
  defaultMode: 0440
{{- else }}
projected:
  defaultMode: 0440
  sources:
    - secret: { name: {{ $secret }} }
    {{- if and $issued (not .root.Values.existingSecret) }}
    {{- with .service.certificates }}
    - secret: {{ toJson . }}
    {{- end }}
    {{- end }}
    # Of several with the same file the last counts.
    {{- if or $issued $natsAuthority }}
    - secret: { name: {{ $natsAuthority | default "nats-tls" }}, items: [{ key: ca.crt, path: nats-ca.crt }] }
    {{- end }}
{{- end }}
{{- end }}

{{- define "penstock.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
