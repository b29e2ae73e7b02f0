{{- define "agent-lab.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects. The longest suffix is "-migrations". */}}
{{- define "agent-lab.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "agent-lab.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels that select objects: (dict "root" $ "component" …). The component keeps the pods of a Job out of the Service. */}}
{{- define "agent-lab.selectorLabels" -}}
app.kubernetes.io/name: {{ include "agent-lab.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* All labels of an object: (dict "root" $ "component" … "labels" …). Those that select objects cannot be replaced. */}}
{{- define "agent-lab.labels" -}}
{{- $labels := dict "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $labels "app.kubernetes.io/version" .root.Chart.AppVersion -}}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- $own := include "agent-lab.selectorLabels" . | fromYaml -}}
{{- mergeOverwrite $labels .root.Values.labels (default dict .labels) $own | toYaml -}}
{{- end -}}

{{/* The labels of pods: without the version of the chart, so that a new one alone restarts none. */}}
{{- define "agent-lab.podLabels" -}}
{{- $own := include "agent-lab.selectorLabels" . | fromYaml -}}
{{- mergeOverwrite (dict) .root.Values.labels .root.Values.podLabels $own | toYaml -}}
{{- end -}}

{{/* The metadata of an object: (dict "root" $ "component" … "name" … "labels" … "annotations" …). */}}
{{- define "agent-lab.metadata" -}}
name: {{ default (include "agent-lab.fullname" .root) .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "agent-lab.labels" (dict "root" .root "component" (default "server" .component) "labels" .labels) | nindent 2 }}
{{- with mergeOverwrite (dict) .root.Values.annotations (default dict .annotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "agent-lab.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "agent-lab.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "agent-lab.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The secret of the database's credentials. */}}
{{- define "agent-lab.databaseSecret" -}}
{{- default .Values.existingSecret.name .Values.database.secret.name -}}
{{- end -}}

{{- define "agent-lab.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- .Values.publicUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- ternary "https" "http" (not (empty .Values.ingress.tls)) }}://{{ first .Values.ingress.hosts -}}
{{- end -}}
{{- end -}}

{{/* The host names that requests may name, separated by commas. IP addresses are always permitted, so probes need none. */}}
{{- define "agent-lab.allowedHosts" -}}
{{- $service := include "agent-lab.fullname" . -}}
{{- $namespace := printf "%s.%s" $service .Release.Namespace -}}
{{- $hosts := list $service $namespace (printf "%s.svc" $namespace) (printf "%s.svc.%s" $namespace .Values.clusterDomain) -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = concat $hosts .Values.ingress.hosts -}}
{{- end -}}
{{- if .Values.httpRoute.enabled -}}
{{- $hosts = concat $hosts .Values.httpRoute.hostnames -}}
{{- end -}}
{{- concat $hosts .Values.allowedHosts | uniq | join "," -}}
{{- end -}}

{{/*
The variables of the database: (dict "root" $ "user" … "secret" … "keys" …). The files of secrets are in
/etc/agent-lab/secrets.
*/}}
{{- define "agent-lab.databaseEnv" -}}
{{- $database := .root.Values.database -}}
{{- if .keys.dsn }}
- name: DATABASE_DSN_FILE
  value: /etc/agent-lab/secrets/dsn
{{- else }}
- name: DATABASE_HOST
  value: {{ $database.host | quote }}
- name: DATABASE_PORT
  value: {{ $database.port | quote }}
- name: DATABASE_NAME
  value: {{ $database.name | quote }}
- name: DATABASE_USER
  {{- if .user }}
  value: {{ .user | quote }}
  {{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .keys.user }}
  {{- end }}
- name: DATABASE_PASSWORD_FILE
  value: /etc/agent-lab/secrets/password
{{- end }}
{{- $sslmode := $database.sslmode -}}
{{- if and (not $sslmode) (not .keys.dsn) -}}
{{- $sslmode = ternary "verify-full" "require" (not (empty (include "agent-lab.databaseCa" .root))) -}}
{{- end }}
{{- with $sslmode }}
- name: DATABASE_SSLMODE
  value: {{ . }}
{{- end }}
{{- if include "agent-lab.databaseCa" .root }}
{{- /* The driver looks for the authorities of the server in the home folder. */}}
- name: JDK_JAVA_OPTIONS
  value: -Duser.home=/etc/agent-lab/home
{{- end }}
{{- end -}}

{{/* The sources of the database's files: (dict "secret" … "keys" …). */}}
{{- define "agent-lab.databaseFiles" -}}
- secret:
    name: {{ .secret }}
    items:
      {{- if .keys.dsn }}
      - {key: {{ .keys.dsn | quote }}, path: dsn}
      {{- else }}
      - {key: {{ .keys.password | quote }}, path: password}
      {{- end }}
{{- end -}}

{{/* The kind of the workload: a volume for each replica needs a StatefulSet. */}}
{{- define "agent-lab.workloadKind" -}}
{{ ternary "StatefulSet" "Deployment" .Values.persistence.enabled }}
{{- end }}

{{/* The volume source of the authorities of the database server; nothing without any. */}}
{{- define "agent-lab.databaseCa" -}}
{{- with .Values.database.ca -}}
{{- if .secret -}}
secret:
  secretName: {{ .secret }}
  items:
    - {key: {{ .key | quote }}, path: root.crt}
{{- else if .configMap -}}
configMap:
  name: {{ .configMap }}
  items:
    - {key: {{ .key | quote }}, path: root.crt}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The volumes of the service and of the Job, apart from the data and the secrets. */}}
{{- define "agent-lab.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .root.Values.config }}
- name: config
  configMap:
    name: {{ .config }}
{{- end }}
{{- with include "agent-lab.databaseCa" .root }}
- name: database-ca
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "agent-lab.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: data
  mountPath: /data
- name: secrets
  mountPath: /etc/agent-lab/secrets
  readOnly: true
{{- if .Values.config }}
- name: config
  mountPath: /opt/agent-lab/config.toml
  subPath: config.toml
  readOnly: true
{{- end }}
{{- if include "agent-lab.databaseCa" . }}
- name: database-ca
  mountPath: /etc/agent-lab/home/.postgresql
  readOnly: true
{{- end }}
{{- end -}}

{{/* The variables of the service that depend on values, as a list. */}}
{{- define "agent-lab.env" -}}
- name: SERVER_HOST
  value: 0.0.0.0
- name: SERVER_PORT
  value: "8080"
- name: SERVER_ALLOWED_HOSTS
  value: {{ include "agent-lab.allowedHosts" . | quote }}
{{- with include "agent-lab.publicUrl" . }}
- name: SERVER_PUBLIC_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.trustedProxies }}
- name: SERVER_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if .Values.tls.secret }}
- name: SERVER_TLS_CERT
  value: /etc/agent-lab/tls/tls.crt
- name: SERVER_TLS_KEY
  value: /etc/agent-lab/tls/tls.key
{{- end }}
- name: SERVER_SHUTDOWN_DELAY
  value: {{ printf "%ds" (int .Values.shutdownDelaySeconds) }}
- name: SERVER_SHUTDOWN_TIMEOUT
  value: {{ printf "%ds" (int .Values.shutdownTimeoutSeconds) }}
{{- /* The other components, such as the database's pool, stop after the requests. */}}
- name: SERVICE_SHUTDOWN_TIMEOUT
  value: {{ printf "%ds" (add (int .Values.shutdownTimeoutSeconds) 5) }}
- name: SERVICE_DATA_DIR
  value: /data
- name: LOGGING_FORMAT
  value: {{ .Values.logFormat }}
{{- include "agent-lab.databaseEnv" (dict "root" . "user" .Values.database.user "secret" (include "agent-lab.databaseSecret" .) "keys" .Values.database.secret.keys) }}
- name: SECRETS_KEY_FILE
  value: /etc/agent-lab/secrets/key-encryption-key
{{- with .Values.existingSecret.keys }}
{{- if .previousEncryptionKeys }}
- name: SECRETS_PREVIOUS_KEYS_FILE
  value: /etc/agent-lab/secrets/previous-keys
{{- end }}
{{- if .oidcClientSecret }}
- name: AUTH_OIDC_CLIENT_SECRET_FILE
  value: /etc/agent-lab/secrets/oidc-client-secret
{{- end }}
{{- if .upstreamProxy }}
- name: UPSTREAM_PROXY_FILE
  value: /etc/agent-lab/secrets/upstream-proxy
{{- end }}
{{- if .upstreamHttpProxy }}
- name: UPSTREAM_HTTP_PROXY_FILE
  value: /etc/agent-lab/secrets/upstream-http-proxy
{{- end }}
{{- end }}
{{- end -}}

{{/* Fails if extra variables repeat one of the chart: (dict "env" … "extra" … "field" …). Of two equal names Kubernetes may lose one. */}}
{{- define "agent-lab.requireNewEnv" -}}
{{- $own := list -}}
{{- range fromYamlArray .env -}}
{{- $own = append $own .name -}}
{{- end -}}
{{- range .extra -}}
{{- if has .name $own -}}
{{- fail (printf "%s: must not contain %s, which the chart sets from its other values" $.field .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Fails with what to set if values contradict each other or are missing. */}}
{{- define "agent-lab.validate" -}}
{{- with .Values -}}
{{- if not .existingSecret.name -}}
{{- fail "existingSecret.name: must be set to the name of a secret with the key-encryption key and the database's credentials; the chart creates none" -}}
{{- end -}}
{{- if and (not .database.host) (not .database.secret.keys.dsn) -}}
{{- fail "database.host: must be set to the host of a PostgreSQL server, or database.secret.keys.dsn to the key of a postgres:// URL in the secret; the chart installs no database" -}}
{{- end -}}
{{- if and .database.host .database.secret.keys.dsn -}}
{{- fail "database.host: must not be set together with database.secret.keys.dsn, which has the host" -}}
{{- end -}}
{{- if and .database.ca.secret .database.ca.configMap -}}
{{- fail "database.ca: must name a secret or a config map, not both" -}}
{{- end -}}
{{- if and .ingress.enabled (not .ingress.hosts) -}}
{{- fail "ingress.hosts: must have a host name if ingress.enabled is true" -}}
{{- end -}}
{{- if and .httpRoute.enabled (or (not .httpRoute.parentRefs) (not .httpRoute.hostnames)) -}}
{{- fail "httpRoute: must have parentRefs and hostnames if httpRoute.enabled is true" -}}
{{- end -}}
{{- if and .serviceMonitor.enabled (not .serviceMonitor.keySecret.name) -}}
{{- fail "serviceMonitor.keySecret.name: must be set to the name of a secret with an API key that has the scope metrics:read" -}}
{{- end -}}
{{- end -}}
{{- end -}}
