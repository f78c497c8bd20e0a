{{/*
  What the API server refuses the service though its role gives it, as files/admission.yaml of its chart says: `objects`
  for all kinds of files/rights.yaml, `pods` for those that run some.
*/}}
{{- define "penstock.admission" -}}
{{- $root := .root }}
{{- $policies := $root.Files.Get "files/admission.yaml" | fromYaml }}
{{- $wanted := $root.Values.admissionPolicy | default dict }}
{{- if and $policies $wanted.enabled }}
{{- $written := ($root.Files.Get "files/rights.yaml" | fromYaml).namespaced }}
{{- include "penstock.admissionPolicy" (dict "root" $root "suffix" "objects" "policy" $policies.objects "kinds" $written) }}
{{- if not $wanted.anyPods }}
{{- $workloads := list (dict "apiGroups" (list "apps") "resources" (list "deployments" "daemonsets")) }}
{{ include "penstock.admissionPolicy" (dict "root" $root "suffix" "pods" "policy" $policies.pods "kinds" $workloads) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "penstock.admissionPolicy" -}}
{{- $operations := ternary (list "CREATE" "UPDATE" "DELETE") (list "CREATE" "UPDATE") (eq .suffix "objects") }}
{{- $name := printf "penstock.%s.%s.%s" .root.Release.Namespace (include "penstock.name" .root) .suffix }}
{{- $account := printf "system:serviceaccount:%s:%s" .root.Release.Namespace (include "penstock.name" .root) }}
{{- $install := (.root.Values.global | default dict).install | default "penstock" }}
{{- $variables := prepend .policy.variables (dict "name" "install" "expression" (squote $install)) }}
{{- range list "ValidatingAdmissionPolicy" "ValidatingAdmissionPolicyBinding" }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {{ . }}
metadata:
  name: {{ $name }}
  labels:
    {{- include "penstock.labels" $.root | nindent 4 }}
spec:
{{- if hasSuffix "Binding" . }}
  policyName: {{ $name }}
  validationActions: [Deny]
{{- else }}
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      {{- range $.kinds }}
      - apiGroups: {{ toJson .apiGroups }}
        apiVersions: ["*"]
        resources: {{ toJson .resources }}
        operations: {{ toJson $operations }}
      {{- end }}
  # Nobody else's requests are looked at.
  matchConditions:
    - name: account
      expression: request.userInfo.username == {{ squote $account }}
  variables:
    {{- toYaml $variables | nindent 4 }}
  validations:
    {{- toYaml $.policy.validations | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
