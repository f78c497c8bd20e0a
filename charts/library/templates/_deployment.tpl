{{/*
  A service of Penstock, with what it alone may know in /etc/penstock. `service` says what it is like:
    port        what others reach it at, besides health and metrics
    env         what this chart tells it besides its settings
    namespaced  it wants to know which namespaces this installation is for
    certificates  where cert-manager issues them: the Secret and its keys that become files of this service
*/}}
{{- define "penstock.deployment" -}}
{{- $service := .service }}
{{- with .root }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "penstock.metadata" . | nindent 2 }}
spec:
  {{- with include "penstock.replicas" . }}
  replicas: {{ . }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "penstock.selector" . | nindent 6 }}
  strategy:
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels:
        {{- include "penstock.podLabels" . | nindent 8 }}
      {{- with .Values.pod.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "penstock.name" . }}
      # Without rights there is nothing to ask the API server for.
      automountServiceAccountToken: {{ include "penstock.hasRights" . }}
      {{- include "penstock.podSpec" . | nindent 6 }}
      {{- /* It ends by itself within shutdownMs; of a pod that is killed proxies and NATS would not know that it is gone. */}}
      {{- $shutdownMs := (include "penstock.settings" . | fromJson).shutdownMs | default 8000 }}
      terminationGracePeriodSeconds: {{ divf $shutdownMs 1000 | ceil | add 7 }}
      containers:
        - name: {{ .Chart.Name }}
          image: {{ include "penstock.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          env:
            {{- include "penstock.env" $ | nindent 12 }}
          ports:
            - { name: admin, containerPort: 9900 }
            {{- with $service.port }}
            - { name: {{ .name }}, containerPort: {{ .number }} }
            {{- end }}
          startupProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 10
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: admin }
            periodSeconds: 2
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          securityContext:
            {{- include "penstock.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - { name: secrets, mountPath: /etc/penstock, readOnly: true }
      volumes:
        - name: secrets
          {{- include "penstock.secretVolume" $ | nindent 10 }}
{{- end }}
{{- end }}

{{/*
  Whom an autoscaler scales says no number. Only where the number is still one that helm has set, and not the autoscaler's
  (by the subresource `scale`), it stays what it is: the API server makes it 1 when whoever has set it leaves it out.
*/}}
{{- define "penstock.replicas" -}}
{{- $count := .Values.replicas }}
{{- if (.Values.autoscaling | default dict).enabled }}
{{- $count = "" }}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "penstock.name" .) }}
{{- range dig "metadata" "managedFields" list $live }}
{{- if and (not .subresource) (hasKey (dig "fieldsV1" "f:spec" dict .) "f:replicas") }}{{ $count = $live.spec.replicas }}{{ end }}
{{- end }}
{{- end }}
{{- $count }}
{{- end }}

{{- define "penstock.env" -}}
{{- $secrets := "/etc/penstock" }}
{{- $env := dict "PENSTOCK_ADMIN_HOST" "0.0.0.0" }}
{{- $_ := set $env "PENSTOCK_DEBUG_TOKEN_FILE" (printf "%s/debug-token" $secrets) }}
{{- $global := .root.Values.global | default dict }}
{{- $_ := set $env "PENSTOCK_INSTALL" ($global.install | default "penstock") }}
{{- $_ := set $env "PENSTOCK_SOURCE" ($global.source | default "local") }}
{{- range $name, $value := include "penstock.natsEnv" .root | fromYaml }}
{{- $_ := set $env $name $value }}
{{- end }}
{{- if and .service.namespaced $global.namespaces }}
{{- $_ := set $env "PENSTOCK_WATCH_NAMESPACES" (join "," $global.namespaces) }}
{{- end }}
{{- range $name, $value := include "penstock.settings" .root | fromJson }}
{{- /* Numbers of a file are floating, and large ones would be told as 1e+07. */}}
{{- if kindIs "float64" $value }}{{ $value = printf "%.0f" $value }}{{ end }}
{{- $_ := set $env (printf "PENSTOCK_%s" (snakecase $name | upper)) (toString $value) }}
{{- end }}
{{- range $name, $value := .service.env | default dict }}
{{- $_ := set $env $name (toString $value) }}
{{- end }}
{{- range $name := keys $env | sortAlpha }}
- name: {{ $name }}
  value: {{ get $env $name | quote }}
{{- end }}
{{- end }}

{{/* What is said to it counts before what is said to all. */}}
{{- define "penstock.settings" -}}
{{- mergeOverwrite dict ((.Values.global | default dict).settings | default dict) .Values.settings | toJson }}
{{- end }}

{{/* Which NATS it uses: an external one, of which what is said to it counts before what is said to all, or the chart's. */}}
{{- define "penstock.nats" -}}
{{- $external := dict }}
{{- range list .Values.global.externalNats .Values.externalNats }}
{{- range $field, $value := . }}
{{- if ne (toString $value) "" }}{{ $_ := set $external $field $value }}{{ end }}
{{- end }}
{{- end }}
{{- toYaml (ternary $external (merge (dict "url" "nats://nats:4222") .Values.global.nats) (hasKey $external "url")) }}
{{- end }}

{{- define "penstock.natsEnv" -}}
{{- $nats := include "penstock.nats" . | fromYaml -}}
PENSTOCK_NATS_URL: {{ $nats.url | quote }}
PENSTOCK_NATS_REPLICAS: {{ $nats.replicas | quote }}
{{- if $nats.credentials }}
PENSTOCK_NATS_CREDENTIALS: /etc/penstock/nats.creds
{{- else }}
PENSTOCK_NATS_PASSWORD_FILE: /etc/penstock/nats-password
{{- end }}
{{- if $nats.tls }}
PENSTOCK_NATS_CA: /etc/penstock/nats-ca.crt
{{- end }}
{{- end }}
