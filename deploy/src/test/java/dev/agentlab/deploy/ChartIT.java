package dev.agentlab.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.agentlab.cli.ExitCode;
import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseMode;
import dev.agentlab.config.Settings;
import dev.agentlab.config.SslMode;
import dev.agentlab.json.Json;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The Helm chart, rendered with each file of `src/test/helm` and checked against the schemas of
/// Kubernetes. Nothing is installed.
class ChartIT {
  private static final String OLDEST = "1.28";
  private static final String NEWEST = "1.37";
  private static final List<String> VERSIONS = List.of(OLDEST, NEWEST);

  private static final Path CHART = Path.of("helm", "agent-lab");
  private static final Path VALUES = Path.of("src", "test", "helm");
  private static final Path RENDERED = Path.of("target", "chart");

  private static final List<String> FILES = List.of("required", "complete", "url", "metrics");

  /// The kinds that an operator or a gateway defines, for which Kubernetes has no schema.
  private static final List<String> CUSTOM_KINDS = List.of("HTTPRoute", "ServiceMonitor");

  private static final String SECRETS = "/etc/agent-lab/secrets/";

  private static HelmProgram helm;
  private static Path python;

  @TempDir private Path directory;

  @BeforeAll
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  static void renderEverything() throws IOException {
    helm = HelmProgram.find();
    python = LockedTools.python("kubernetes").toAbsolutePath();
    for (String file : FILES) {
      for (String version : VERSIONS) {
        Files.createDirectories(RENDERED);
        Files.writeString(path(file, version), template(file, version));
      }
    }
    for (String version : VERSIONS) {
      List<Path> files = FILES.stream().map(file -> path(file, version)).toList();
      assertThat(validate(version, files).lines().distinct())
          .containsExactlyElementsOf(
              CUSTOM_KINDS.stream().map(kind -> "no schema: " + kind).toList());
    }
  }

  private static Path path(String file, String version) {
    return RENDERED.resolve("%s-%s.yaml".formatted(file, version)).toAbsolutePath();
  }

  /// Checks manifests strictly, and writes them as JSON beside them.
  ///
  /// @return the objects without a schema, a line each
  /// @throws IOException with the errors if an object does not match its schema
  private static String validate(String version, List<Path> manifests) throws IOException {
    List<String> command = new ArrayList<>(List.of("venv/bin/python", "validate.py", version));
    manifests.forEach(it -> command.add(it.toString()));
    return LockedTools.run(python, Map.of(), command);
  }

  private static String template(String file, String version, String... options) {
    HelmProgram.Result result = render(file, version, options);
    assertThat(result.exitCode()).as(result.errors()).isZero();
    return result.output();
  }

  private static HelmProgram.Result render(String file, String version, String... options) {
    return helm.run(
        Stream.concat(
                Stream.of(
                    "template",
                    "lab",
                    CHART.toString(),
                    "--namespace=ai",
                    "--kube-version=" + version + ".0",
                    "--values=" + VALUES.resolve(file + ".yaml")),
                Stream.of(options))
            .toArray(String[]::new));
  }

  /// The objects of a rendered file.
  private static List<JsonNode> objects(String file, String version) {
    return readJson(path(file, version));
  }

  private static List<JsonNode> readJson(Path manifest) {
    Path file = Path.of(manifest.toString().replaceFirst("\\.yaml$", ".json"));
    try {
      return List.copyOf(Json.MAPPER.readTree(Files.readString(file)).values());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Renders with more options than those of a file.
  private List<JsonNode> rendered(String file, String... options) throws IOException {
    Path manifest = directory.resolve("rendered.yaml").toAbsolutePath();
    Files.writeString(manifest, template(file, NEWEST, options));
    validate(NEWEST, List.of(manifest));
    return readJson(manifest);
  }

  /// The StatefulSet or the Deployment.
  private static JsonNode workload(List<JsonNode> objects) {
    List<JsonNode> found = new ArrayList<>(ofKind(objects, "StatefulSet"));
    found.addAll(ofKind(objects, "Deployment"));
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  /// The Service for clients: the other one only names pods.
  private static JsonNode service(List<JsonNode> objects) {
    List<JsonNode> found =
        ofKind(objects, "Service").stream()
            .filter(it -> it.at("/spec/clusterIP").isMissingNode())
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static JsonNode only(List<JsonNode> objects, String kind) {
    List<JsonNode> found = ofKind(objects, kind);
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  private static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
    return objects.stream().filter(it -> text(it, "/kind").equals(kind)).toList();
  }

  private static String text(JsonNode node, String pointer) {
    return node.at(pointer).asString("");
  }

  /// The specs of all pods.
  private static List<JsonNode> pods(List<JsonNode> objects) {
    return Stream.concat(
            ofKind(objects, "Pod").stream().map(it -> it.at("/spec")),
            objects.stream().map(it -> it.at("/spec/template/spec")).filter(JsonNode::isObject))
        .toList();
  }

  private static JsonNode container(JsonNode workload) {
    return workload.at("/spec/template/spec/containers/0");
  }

  /// The variables of a workload. One from a secret has the key there as its value.
  private static Map<String, String> environment(JsonNode workload) {
    return container(workload)
        .at("/env")
        .valueStream()
        .collect(
            Collectors.toMap(
                it -> text(it, "/name"),
                it -> text(it, it.has("value") ? "/value" : "/valueFrom/secretKeyRef/key")));
  }

  /// The configuration that the program reads in a workload.
  private Config config(List<JsonNode> objects, JsonNode workload) throws IOException {
    for (Map.Entry<String, String> secret : secretsOf(workload).entrySet()) {
      Files.writeString(directory.resolve(secret.getKey()), secret.getValue());
    }
    String toml =
        findVolume(workload, "config")
            .map(it -> configText(objects, text(it, "/configMap/name")))
            .orElse("");
    Files.writeString(directory.resolve("config.toml"), toml);
    Map<String, String> environment = new HashMap<>();
    environment(workload)
        .forEach((name, value) -> environment.put(name, value.replace(SECRETS, directory + "/")));
    return Config.load(directory, environment);
  }

  /// The files that the secrets of a workload have.
  private static Set<String> secretFiles(JsonNode workload) {
    return workload
        .at("/spec/template/spec/volumes")
        .valueStream()
        .filter(it -> text(it, "/name").equals("secrets"))
        .flatMap(it -> it.at("/projected/sources").valueStream())
        .flatMap(it -> it.at("/secret/items").valueStream())
        .map(it -> SECRETS + text(it, "/path"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"required", "complete", "url", "metrics"})
  void lintFindsNothing(String file) {
    HelmProgram.Result result =
        helm.run(
            "lint",
            "--strict",
            "--quiet",
            "--values=" + VALUES.resolve(file + ".yaml"),
            CHART.toString());
    assertThat(result.exitCode()).as(result.output() + result.errors()).isZero();
  }

  @Test
  void misspeltFieldOfAnObjectIsFound() throws IOException {
    Path manifest = directory.resolve("misspelt.yaml").toAbsolutePath();
    String text = Files.readString(path("required", NEWEST));
    Files.writeString(
        manifest, text.replace("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"));
    assertThatThrownBy(() -> validate(NEWEST, List.of(manifest)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("readOnlyRootFileSystem");
  }

  @Test
  void everyOptionIsRendered() throws IOException {
    Set<String> untested = new TreeSet<>();
    ChartValues.read(CHART.resolve("values.yaml")).forEach(it -> untested.add(it.path()));
    for (String file : FILES) {
      JsonNode values =
          Json.MAPPER.readTree(
              LockedTools.run(
                  python,
                  Map.of(),
                  List.of(
                      "venv/bin/python",
                      "-c",
                      "import json, sys, yaml;"
                          + " print(json.dumps(yaml.safe_load(open(sys.argv[1]))))",
                      VALUES.resolve(file + ".yaml").toAbsolutePath().toString())));
      untested.removeIf(path -> !values.at("/" + path.replace('.', '/')).isMissingNode());
    }
    assertThat(untested).isEmpty();
  }

  @Test
  void readmeHasTheTableOfValues() throws IOException {
    Path readme = CHART.resolve("README.md");
    String text = Files.readString(readme);
    String expected =
        text.substring(0, text.indexOf("## Values\n"))
            + "## Values\n\n"
            + ChartValues.markdown(ChartValues.read(CHART.resolve("values.yaml")));
    // As for the table of settings.
    if (Boolean.getBoolean("write.documents")) {
      Files.writeString(readme, expected);
    }
    assertThat(Files.readString(readme)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "database.host=         | database.host: must be set to the host of a PostgreSQL server",
        "existingSecret.name=   | existingSecret.name: must be set to the name of a secret",
        "databse.host=db        | databse",
        "image.tga=1            | tga",
        "migrations.mode=jobs   | /migrations/mode",
        "replicas=many          | /replicas",
        "ingress.hosts[0]=*.org | /ingress/hosts/0",
        "ingress.enabled=true   | ingress.hosts: must have a host name",
        "httpRoute.enabled=true | httpRoute: must have parentRefs and hostnames",
        "serviceMonitor.enabled=true | serviceMonitor.keySecret.name: must be set",
        "database.secret.keys.dsn=u  | database.host: must not be set together with",
        "extraEnv[0].name=SERVER_HOST | extraEnv: must not contain SERVER_HOST",
      })
  void invalidValuesAreRejected(String value, String message) {
    HelmProgram.Result result = render("required", NEWEST, "--set", value);
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output() + result.errors()).contains(message);
  }

  @Test
  void ownVariableOfTheJobIsRejected() {
    HelmProgram.Result result =
        render("complete", NEWEST, "--set", "migrations.job.extraEnv[0].name=DATABASE_HOST");
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output() + result.errors())
        .contains("migrations.job.extraEnv: must not contain DATABASE_HOST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"required", "complete", "url", "metrics"})
  void podsAreRestricted(String file) {
    List<JsonNode> pods = pods(objects(file, OLDEST));
    assertThat(pods).isNotEmpty();
    for (JsonNode pod : pods) {
      assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
      assertThat(pod.at("/enableServiceLinks").asBoolean(true)).isFalse();
      assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).isTrue();
      assertThat(text(pod, "/securityContext/seccompProfile/type")).isEqualTo("RuntimeDefault");
      assertThat(pod.at("/securityContext/runAsUser").asInt(0))
          .isEqualTo(file.equals("url") ? 0 : 65532);
      JsonNode own = pod.at("/containers/0");
      assertThat(own.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(own.at("/securityContext/readOnlyRootFilesystem").asBoolean(false)).isTrue();
      assertThat(text(own, "/securityContext/capabilities/drop/0")).isEqualTo("ALL");
      assertThat(own.at("/volumeMounts").valueStream().map(it -> text(it, "/mountPath")))
          .contains("/tmp");
    }
  }

  @Test
  void dataFolderIsOnAVolumeOfEachReplica() {
    JsonNode replicas = only(objects("required", OLDEST), "StatefulSet");
    assertThat(environment(replicas)).containsEntry("SERVICE_DATA_DIR", "/data");
    JsonNode claim = replicas.at("/spec/volumeClaimTemplates/0");
    assertThat(text(claim, "/metadata/name")).isEqualTo("data");
    assertThat(claim.at("/spec/accessModes")).hasSize(1);
    assertThat(findVolume(replicas, "data")).isEmpty();
    JsonNode governing =
        ofKind(objects("required", OLDEST), "Service").stream()
            .filter(it -> it.at("/metadata/name").equals(replicas.at("/spec/serviceName")))
            .findFirst()
            .orElseThrow();
    assertThat(text(governing, "/spec/clusterIP")).isEqualTo("None");
    assertThat(
            volume(only(objects("url", OLDEST), "Deployment"), "data").at("/emptyDir").isObject())
        .isTrue();
  }

  private static JsonNode volume(JsonNode workload, String name) {
    return findVolume(workload, name).orElseThrow();
  }

  private static Optional<JsonNode> findVolume(JsonNode workload, String name) {
    return workload
        .at("/spec/template/spec/volumes")
        .valueStream()
        .filter(it -> text(it, "/name").equals(name))
        .findFirst();
  }

  private static JsonNode configMap(List<JsonNode> objects, String name) {
    return ofKind(objects, "ConfigMap").stream()
        .filter(it -> text(it, "/metadata/name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String configText(List<JsonNode> objects, String configMap) {
    return text(configMap(objects, configMap), "/data/config.toml");
  }

  @ParameterizedTest
  @CsvSource({"required,HTTP", "complete,HTTPS"})
  void probesDoNotStopThePodWithoutDatabase(String file, String scheme) {
    JsonNode container = container(workload(objects(file, OLDEST)));
    assertThat(text(container, "/startupProbe/httpGet/path")).isEqualTo("/healthz");
    assertThat(text(container, "/livenessProbe/httpGet/path")).isEqualTo("/healthz");
    assertThat(text(container, "/readinessProbe/httpGet/path")).isEqualTo("/readyz/calls");
    for (String probe : List.of("startup", "liveness", "readiness")) {
      assertThat(text(container, "/" + probe + "Probe/httpGet/scheme")).isEqualTo(scheme);
      // An IP address as the host is always permitted.
      assertThat(container.at("/" + probe + "Probe/httpGet/host").isMissingNode()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"required,5,30,50", "complete,5,120,140", "url,20,30,65"})
  void gracePeriodCoversTheShutdown(String file, int delay, int timeout, int gracePeriod)
      throws IOException {
    JsonNode deployment = workload(objects(file, NEWEST));
    Config config = config(objects(file, NEWEST), deployment);
    Duration whole = config.get(Settings.SHUTDOWN_TIMEOUT);
    assertThat(config.get(Settings.SERVER_SHUTDOWN_DELAY)).hasSeconds(delay);
    assertThat(config.get(Settings.SERVER_SHUTDOWN_TIMEOUT)).hasSeconds(timeout);
    assertThat(whole).isGreaterThan(config.get(Settings.SERVER_SHUTDOWN_TIMEOUT));
    assertThat(deployment.at("/spec/template/spec/terminationGracePeriodSeconds").asInt())
        .isEqualTo(gracePeriod)
        .isGreaterThanOrEqualTo((int) whole.toSeconds() + delay + 5);
  }

  /// Some content for each file of a secret.
  private static Map<String, String> secretsOf(JsonNode workload) {
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    String other =
        Base64.getEncoder().encodeToString("x".repeat(32).getBytes(StandardCharsets.US_ASCII));
    Map<String, String> contents =
        Map.of(
            "password", "pass",
            "dsn", "postgres://lab:pass@db.example.org/lab?sslmode=verify-full",
            "key-encryption-key", key,
            "previous-keys", other,
            "oidc-client-secret", "oidc",
            "upstream-proxy", "http://user:pass@proxy.example.org:3128",
            "upstream-http-proxy", "http://user:pass@proxy.example.org:3129");
    return secretFiles(workload).stream()
        .map(it -> it.substring(SECRETS.length()))
        .collect(Collectors.toMap(it -> it, it -> contents.getOrDefault(it, "")));
  }

  @Test
  void serviceAcceptsItsVariables() throws IOException {
    Config config = deploymentConfig("required");
    assertThat(config.get(Settings.DATABASE_MODE)).isEqualTo(DatabaseMode.EXTERNAL);
    assertThat(config.get(Settings.DATABASE_USER)).isEqualTo("username");
    assertThat(config.get(Settings.DATABASE_SSLMODE)).isEqualTo(SslMode.REQUIRE);
    assertThat(config.get(Settings.SERVER_HOST)).isEqualTo("0.0.0.0");

    config = deploymentConfig("complete");
    assertThat(config.get(Settings.DATABASE_USER)).isEqualTo("service");
    assertThat(config.get(Settings.DATABASE_SSLMODE)).isEqualTo(SslMode.VERIFY_FULL);
    assertThat(config.get(Settings.SERVER_PUBLIC_URL)).contains("https://lab.example.org");
    assertThat(config.get(Settings.SERVER_ALLOWED_HOSTS))
        .containsExactly(
            "lab",
            "lab.ai",
            "lab.ai.svc",
            "lab.ai.svc.cluster.example",
            "lab.example.org",
            "lab.example.net",
            "lab.example.com",
            "lab.internal");

    config = deploymentConfig("url");
    assertThat(config.get(Settings.DATABASE_HOST)).isEqualTo("db.example.org");
    assertThat(config.get(Settings.DATABASE_SSLMODE)).isEqualTo(SslMode.VERIFY_FULL);
    assertThat(config.get(Settings.SERVER_PUBLIC_URL)).contains("https://lab.example.org");

    assertThat(deploymentConfig("metrics").get(Settings.DATABASE_SSLMODE))
        .isEqualTo(SslMode.VERIFY_CA);
  }

  private Config deploymentConfig(String file) throws IOException {
    List<JsonNode> objects = objects(file, OLDEST);
    return config(objects, workload(objects));
  }

  @ParameterizedTest
  @ValueSource(strings = {"required", "complete", "url", "metrics"})
  void secretsAreMountedAsFiles(String file) {
    List<JsonNode> objects = objects(file, OLDEST);
    assertThat(ofKind(objects, "Secret")).isEmpty();
    List<JsonNode> workloads = new ArrayList<>(ofKind(objects, "Job"));
    workloads.add(workload(objects));
    for (JsonNode workload : workloads) {
      Map<String, String> environment = environment(workload);
      Set<String> named =
          environment.entrySet().stream()
              .filter(it -> it.getKey().endsWith("_FILE"))
              .map(Map.Entry::getValue)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(secretFiles(workload)).isNotEmpty().isEqualTo(named);
      assertThat(environment)
          .doesNotContainKeys(
              "DATABASE_PASSWORD",
              "DATABASE_DSN",
              "SECRETS_KEY",
              "SECRETS_PREVIOUS_KEYS",
              "AUTH_OIDC_CLIENT_SECRET",
              "UPSTREAM_PROXY",
              "UPSTREAM_HTTP_PROXY");
      assertThat(volume(workload, "secrets").at("/projected/defaultMode").asInt()).isEqualTo(0440);
    }
  }

  @Test
  void databaseAuthorityIsInTheHomeFolder() {
    JsonNode deployment = workload(objects("complete", OLDEST));
    assertThat(environment(deployment))
        .containsEntry("JDK_JAVA_OPTIONS", "-Duser.home=/etc/agent-lab/home");
    assertThat(text(volume(deployment, "database-ca"), "/secret/items/0/path"))
        .isEqualTo("root.crt");
    assertThat(container(deployment).at("/volumeMounts").valueStream())
        .anySatisfy(it -> {
          assertThat(text(it, "/name")).isEqualTo("database-ca");
          assertThat(text(it, "/mountPath")).isEqualTo("/etc/agent-lab/home/.postgresql");
        });
    assertThat(environment(workload(objects("required", OLDEST))))
        .doesNotContainKey("JDK_JAVA_OPTIONS");
  }

  @Test
  void autoscalingDecidesTheReplicas() {
    assertThat(workload(objects("required", OLDEST)).at("/spec/replicas").asInt()).isEqualTo(2);
    for (String file : List.of("complete", "metrics")) {
      List<JsonNode> objects = objects(file, OLDEST);
      JsonNode deployment = workload(objects);
      assertThat(deployment.at("/spec/replicas").isMissingNode()).isTrue();
      JsonNode target = only(objects, "HorizontalPodAutoscaler").at("/spec/scaleTargetRef");
      assertThat(target.path("name")).isEqualTo(deployment.at("/metadata/name"));
      assertThat(target.path("kind")).isEqualTo(deployment.path("kind"));
    }
  }

  @Test
  void rolloutReplacesOneReplicaAtMost() {
    JsonNode replicas = only(objects("required", OLDEST), "StatefulSet");
    assertThat(text(replicas, "/spec/podManagementPolicy")).isEqualTo("Parallel");
    assertSpread(replicas, "controller-revision-hash");
    assertThat(
            only(objects("required", OLDEST), "PodDisruptionBudget")
                .at("/spec/maxUnavailable")
                .asInt())
        .isEqualTo(1);
    JsonNode deployment = only(objects("metrics", OLDEST), "Deployment");
    assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(1)).isZero();
    assertSpread(deployment, "pod-template-hash");
  }

  private static void assertSpread(JsonNode workload, String revisionLabel) {
    JsonNode spread = workload.at("/spec/template/spec/topologySpreadConstraints/0");
    assertThat(text(spread, "/whenUnsatisfiable")).isEqualTo("ScheduleAnyway");
    assertThat(text(spread, "/matchLabelKeys/0")).isEqualTo(revisionLabel);
  }

  @Test
  void onlyChangedConfigRestartsPods() throws IOException {
    JsonNode before = workload(objects("complete", NEWEST));
    JsonNode relabelled = workload(rendered("complete", "--set", "service.port=8443"));
    JsonNode changed = workload(rendered("complete", "--set", "config=a = 1"));
    assertThat(relabelled.at("/spec/template")).isEqualTo(before.at("/spec/template"));
    assertThat(text(changed, "/spec/template/metadata/annotations/checksum~1config"))
        .isNotEmpty()
        .isNotEqualTo(text(before, "/spec/template/metadata/annotations/checksum~1config"));
    assertThat(configText(objects("complete", NEWEST), "lab"))
        .startsWith("[auth]\noidc_issuer = \"https://id.example.org\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"required", "complete", "url"})
  void servicesSelectOnlyTheServer(String file) {
    List<JsonNode> objects = objects(file, OLDEST);
    JsonNode deployment = workload(objects);
    JsonNode selector = deployment.at("/spec/selector/matchLabels");
    assertThat(ofKind(objects, "Service"))
        .isNotEmpty()
        .allSatisfy(it -> assertThat(it.at("/spec/selector")).isEqualTo(selector));
    assertThat(selects(selector, deployment.at("/spec/template/metadata/labels"))).isTrue();
    for (JsonNode job : ofKind(objects, "Job")) {
      assertThat(selects(selector, job.at("/spec/template/metadata/labels"))).isFalse();
    }
    for (JsonNode pod : ofKind(objects, "Pod")) {
      assertThat(selects(selector, pod.at("/metadata/labels"))).isFalse();
    }
  }

  private static boolean selects(JsonNode selector, JsonNode labels) {
    return selector.properties().stream()
        .allMatch(it -> it.getValue().equals(labels.path(it.getKey())));
  }

  @Test
  void podOfTheTestIsSmallAndDeletedAfterSuccess() {
    JsonNode pod = only(objects("required", NEWEST), "Pod");
    assertThat(text(pod, "/metadata/annotations/helm.sh~1hook-delete-policy"))
        .isEqualTo("before-hook-creation,hook-succeeded");
    assertThat(text(pod, "/spec/containers/0/resources/limits/memory")).isEqualTo("256Mi");
  }

  @Test
  void migrationsRunAtTheStartByDefault() {
    assertThat(ofKind(objects("required", OLDEST), "Job")).isEmpty();
  }

  @Test
  void migrationJobRunsBeforeTheRelease() throws IOException {
    List<JsonNode> objects = objects("complete", OLDEST);
    JsonNode job = only(objects, "Job");
    JsonNode annotations = job.at("/metadata/annotations");
    assertThat(text(annotations, "/helm.sh~1hook")).isEqualTo("pre-install,pre-upgrade");
    assertThat(text(annotations, "/helm.sh~1hook-delete-policy")).contains("before-hook-creation");
    assertThat(text(annotations, "/example.org~1kept")).isEqualTo("yes");
    assertThat(annotations.has("helm.sh/hook-output-log-policy")).isFalse();

    // The ConfigMap is there before the Job, and nothing else of the release is used.
    JsonNode config = configMap(objects, "lab-migrations");
    assertThat(text(config, "/metadata/annotations/helm.sh~1hook"))
        .isEqualTo("pre-install,pre-upgrade");
    assertThat(text(config, "/metadata/annotations/helm.sh~1hook-weight")).isEqualTo("4");
    assertThat(text(volume(job, "config"), "/configMap/name")).isEqualTo("lab-migrations");
    assertThat(text(job, "/spec/template/spec/serviceAccountName")).isEqualTo("migrations");
    assertThat(text(only(objects("url", OLDEST), "Job"), "/spec/template/spec/serviceAccountName"))
        .isEqualTo("default");

    assertThat(text(container(job), "/args/0")).isEqualTo("migrate");
    assertThat(text(container(job), "/args/1")).isEqualTo("-up");
  }

  @Test
  void migrationJobUsesTheOwner() throws IOException {
    List<JsonNode> objects = objects("complete", OLDEST);
    JsonNode job = only(objects, "Job");
    Config config = config(objects, job);
    assertThat(config.get(Settings.DATABASE_HOST)).isEqualTo("db.example.org");
    assertThat(config.get(Settings.DATABASE_USER)).isEqualTo("name");
    JsonNode secret = volume(job, "secrets").at("/projected/sources/0/secret");
    assertThat(text(secret, "/name")).isEqualTo("owner");
    assertThat(text(secret, "/items/0/key")).isEqualTo("owner-pw");
    // The Job decrypts nothing.
    assertThat(secretFiles(job)).containsExactly(SECRETS + "password");

    objects = objects("metrics", OLDEST);
    job = only(objects, "Job");
    assertThat(config(objects, job).get(Settings.DATABASE_USER)).isEqualTo("owner");
    secret = volume(job, "secrets").at("/projected/sources/0/secret");
    assertThat(text(secret, "/items/0/key")).isEqualTo("password");

    objects = objects("url", OLDEST);
    job = only(objects, "Job");
    assertThat(config(objects, job).get(Settings.DATABASE_NAME)).isEqualTo("lab");
    secret = volume(job, "secrets").at("/projected/sources/0/secret");
    assertThat(text(secret, "/name")).isEqualTo("database");
    assertThat(text(secret, "/items/0/key")).isEqualTo("owner-uri");
  }

  @Test
  void migrationJobIsRepeatedOnlyWithoutDatabase() {
    for (String version : VERSIONS) {
      JsonNode job = only(objects("complete", version), "Job");
      assertThat(text(job, "/spec/template/spec/restartPolicy")).isEqualTo("Never");
      assertThat(job.at("/spec/backoffLimit").asInt()).isEqualTo(2);
      JsonNode rule = job.at("/spec/podFailurePolicy/rules/1");
      assertThat(text(rule, "/action")).isEqualTo("FailJob");
      assertThat(text(rule, "/onExitCodes/operator")).isEqualTo("NotIn");
      assertThat(rule.at("/onExitCodes/values/0").asInt()).isEqualTo(ExitCode.UNREACHABLE.number());
      assertThat(text(rule, "/onExitCodes/containerName")).isEqualTo(text(container(job), "/name"));
    }
  }

  @Test
  void hooksCanBeReplaced() throws IOException {
    List<JsonNode> objects =
        rendered(
            "complete",
            "--set",
            "migrations.job.annotations.helm\\.sh/hook=null",
            "--set",
            "migrations.job.annotations.argocd\\.argoproj\\.io/hook=PreSync");
    for (JsonNode hook : List.of(only(objects, "Job"), configMap(objects, "lab-migrations"))) {
      assertThat(hook.at("/metadata/annotations").has("helm.sh/hook")).isFalse();
      assertThat(text(hook, "/metadata/annotations/argocd.argoproj.io~1hook")).isEqualTo("PreSync");
    }
  }

  @Test
  void customResourcesHaveTheirShape() {
    List<JsonNode> objects = objects("complete", NEWEST);
    JsonNode monitor = only(objects, "ServiceMonitor");
    assertThat(text(monitor, "/apiVersion")).isEqualTo("monitoring.coreos.com/v1");
    JsonNode endpoint = monitor.at("/spec/endpoints/0");
    assertThat(text(endpoint, "/path")).isEqualTo("/metrics");
    assertThat(text(endpoint, "/scheme")).isEqualTo("https");
    assertThat(text(endpoint, "/port")).isEqualTo(text(service(objects), "/spec/ports/0/name"));
    assertThat(text(endpoint, "/authorization/type")).isEqualTo("Bearer");
    assertThat(text(endpoint, "/authorization/credentials/name")).isEqualTo("metrics");
    assertThat(text(endpoint, "/authorization/credentials/key")).isEqualTo("token");
    assertThat(
            selects(
                monitor.at("/spec/selector/matchLabels"), service(objects).at("/metadata/labels")))
        .isTrue();
    // Each pod is scraped once.
    assertThat(ofKind(objects, "Service"))
        .filteredOn(
            it -> selects(monitor.at("/spec/selector/matchLabels"), it.at("/metadata/labels")))
        .hasSize(1);
    assertThat(text(monitor, "/metadata/labels/release")).isEqualTo("prometheus");

    JsonNode route = only(objects, "HTTPRoute");
    assertThat(text(route, "/apiVersion")).isEqualTo("gateway.networking.k8s.io/v1");
    assertThat(text(route, "/spec/parentRefs/0/name")).isEqualTo("gateway");
    assertThat(text(route, "/spec/hostnames/0")).isEqualTo("lab.example.com");
    assertThat(text(route, "/spec/rules/0/backendRefs/0/name"))
        .isEqualTo(text(service(objects), "/metadata/name"));
    assertThat(route.at("/spec/rules/0/backendRefs/0/port"))
        .isEqualTo(service(objects).at("/spec/ports/0/port"));
    assertThat(text(route, "/spec/rules/0/timeouts/request")).isEqualTo("0s");
  }

  @Test
  void networkPolicyLimitsEgressOnlyWithRules() {
    JsonNode open = only(objects("url", OLDEST), "NetworkPolicy");
    assertThat(open.at("/spec/policyTypes").valueStream().map(JsonNode::asString))
        .containsExactly("Ingress");
    assertThat(open.at("/spec/ingress/0/from").isMissingNode()).isTrue();
    JsonNode limited = only(objects("complete", OLDEST), "NetworkPolicy");
    assertThat(limited.at("/spec/policyTypes").valueStream().map(JsonNode::asString))
        .containsExactly("Ingress", "Egress");
    assertThat(limited.at("/spec/egress/0/ports/0/port").asInt()).isEqualTo(53);
  }

  @Test
  void extraObjectsAreRendered() {
    assertThat(ofKind(objects("complete", OLDEST), "ConfigMap"))
        .extracting(it -> text(it, "/metadata/name"))
        .contains("extra", "lab-text");
  }

  @Test
  void imageIsNamedByDigest() {
    assertThat(text(container(workload(objects("complete", OLDEST))), "/image"))
        .isEqualTo("registry.example.org/agent-lab@sha256:" + "0123456789abcdef".repeat(4));
    assertThat(text(container(workload(objects("required", OLDEST))), "/image"))
        .isEqualTo("agent-lab:0.1.0");
  }

  @Test
  void notesHaveTheCommandsForAKey() {
    assumeThat(helm.version()).as("Helm 3 prints notes only with a cluster").startsWith("v4.");
    HelmProgram.Result result =
        helm.run(
            "install",
            "lab",
            CHART.toString(),
            "--namespace=ai",
            "--dry-run=client",
            "--values=" + VALUES.resolve("required.yaml"));
    assertThat(result.exitCode()).as(result.errors()).isZero();
    assertThat(result.output())
        .contains(
            "NOTES:",
            "/opt/agent-lab/runtime/bin/java @/opt/agent-lab/lib/service.options -jar"
                + " /opt/agent-lab/agent-lab.jar key reset-admin --yes",
            "key create operator --scope all --config /opt/agent-lab");
  }
}
