{{/* Whose the object of this kind and name is in the cluster: nobody's (`none`), this release's (`ours`) or `foreign`. */}}
{{- define "crds.owner" -}}
{{- $found := lookup .object.apiVersion .object.kind "" .object.metadata.name }}
{{- $notes := ($found.metadata | default dict).annotations | default dict }}
{{- $release := .root.Release }}
{{- $isOurs := and (eq (get $notes "meta.helm.sh/release-name") $release.Name) (eq (get $notes "meta.helm.sh/release-namespace") $release.Namespace) }}
{{- if not $found }}none{{ else if or $isOurs .root.Values.adopt }}ours{{ else }}foreign{{ end }}
{{- end }}

{{/* Definitions outlive the release, and with them all that was ever written of their kinds. */}}
{{- define "crds.definition" }}
---
{{ mergeOverwrite (dict "metadata" (dict "annotations" (dict "helm.sh/resource-policy" "keep"))) . | toYaml }}
{{- end }}

{{/*
  The objects of the chosen channel, as `{items: […]}`. What they say about their fields is in a file of its own, since
  they all say much the same: with every sentence where it belongs, a release would not fit into the Secret that helm
  keeps it in.
*/}}
{{- define "crds.gatewayApi" -}}
{{- $channel := .Values.gatewayApi.channel }}
{{- $items := list }}
{{- if ne $channel "none" }}
{{- $sentences := .Files.Get "files/gateway-api/sentences.json" | fromJsonArray }}
{{- range $path, $_ := .Files.Glob (printf "files/gateway-api/%s/*.json" $channel) }}
{{- $text := $.Files.Get $path }}
{{- range $place, $sentence := $sentences }}
{{- $text = replace (printf "\"@%d\"" $place) (toJson $sentence) $text }}
{{- end }}
{{- $items = append $items (fromJson $text) }}
{{- end }}
{{- if not $items }}{{ fail "the definitions of the Gateway API come into this chart when it is packaged: npm run charts" }}{{ end }}
{{- end }}
{{- dict "items" $items | toJson }}
{{- end }}

{{/* Whether the Gateway API is somebody else's here: then nothing of it is touched, lest two releases of it are mixed. */}}
{{- define "crds.gatewayApiIsForeign" -}}
{{- $owners := list }}
{{- range .items }}
{{- if eq .kind "CustomResourceDefinition" }}{{ $owners = append $owners (include "crds.owner" (dict "root" $.root "object" .)) }}{{ end }}
{{- end }}
{{- and (has "foreign" $owners) (not (has "ours" $owners)) }}
{{- end }}
