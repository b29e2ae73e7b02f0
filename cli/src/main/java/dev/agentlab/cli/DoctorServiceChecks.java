package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The checks of `doctor` for the service: that it is ready, that its providers work, and that the
/// providers of its agents exist.
public final class DoctorServiceChecks {
  private static final int MAX_CONCURRENT_PROBES = 8;

  private final ApiClient api;
  private final Optional<ServiceAddress> serveAddress;

  /// @param serveAddress the address of a service started by `serve`; empty if the configuration is
  ///   invalid
  private DoctorServiceChecks(ApiClient api, Optional<ServiceAddress> serveAddress) {
    this.api = api;
    this.serveAddress = serveAddress;
  }

  /// Checks the service that commands call, and the API key for it.
  public static List<CheckResult> run(CommandContext context) throws InterruptedException {
    ApiClient api;
    try {
      api = context.configuredApi();
    } catch (InvalidConfigFailure _) {
      return List.of(
          CheckResult.skipped(
              "service", "its address is in the invalid configuration; pass --url"));
    } catch (CommandFailure e) {
      return List.of(
          CheckResult.failed(
              "connection", e.message(), "correct this, then run `agent-lab doctor` again"));
    }
    List<CheckResult> checks = new ArrayList<>();
    DoctorKeyChecks.checkKeyFile(api.credential()).ifPresent(checks::add);
    checks.addAll(new DoctorServiceChecks(api, configuredAddress(context)).run());
    return checks;
  }

  private static Optional<ServiceAddress> configuredAddress(CommandContext context) {
    try {
      return Optional.of(context.serviceConfig().address());
    } catch (CommandFailure _) {
      return Optional.empty();
    }
  }

  private List<CheckResult> run() throws InterruptedException {
    String remark;
    try {
      if (api.getUnauthenticated("/healthz").status() != 200) {
        return unavailable(
            "%s responds, but is not an agent-lab service".formatted(api.base()),
            "set the address of the service with --url");
      }
      RawResponse readiness = api.getUnauthenticated("/readyz");
      if (readiness.status() != 200) {
        return notReady(readiness.body());
      }
      remark = readinessDetail(readiness.body());
    } catch (CommandFailure e) {
      return unavailable("does not respond at " + api.base(), startFix());
    }
    List<CheckResult> checks = new ArrayList<>();
    checks.add(CheckResult.passed("service", "ready at %s%s".formatted(api.base(), remark)));
    checks.addAll(checkRegistries());
    return checks;
  }

  private static List<CheckResult> unavailable(String detail, String fix) {
    return List.of(
        CheckResult.failed("service", detail, fix),
        CheckResult.skipped(
            "registries", "providers and agents are not checked while the service is unavailable"));
  }

  /// The fix for a service that does not respond at the address.
  private String startFix() {
    ServiceAddress address = api.base();
    if (address.configured()) {
      return "run `./agent-lab serve`";
    }
    String other = "or set the address of the service with --url or AGENT_LAB_URL";
    if (!address.isLocal()) {
      return "start it there, " + other;
    }
    return serveAddress.filter(it -> it.port() == address.port()).isPresent()
        ? "run `./agent-lab serve`"
        : "run `SERVER_PORT=%d ./agent-lab serve`, %s".formatted(address.port(), other);
  }

  /// The detail in the second line of a readiness response.
  private static String readinessDetail(String body) {
    return body.lines().skip(1).findFirst().map(line -> ": " + line).orElse("");
  }

  private List<CheckResult> notReady(String body) {
    return unavailable(
        "responds at %s, but is not ready%s".formatted(api.base(), readinessDetail(body)),
        "see the service's log; usually the service waits for the database");
  }

  private List<CheckResult> checkRegistries() throws InterruptedException {
    JsonNode self;
    try {
      self = DoctorKeyChecks.self(api);
    } catch (CommandFailure e) {
      return List.of(
          DoctorKeyChecks.rejected(e, api.credential()),
          CheckResult.skipped(
              "registries", "providers and agents cannot be checked without an accepted API key"));
    }
    List<CheckResult> checks = new ArrayList<>();
    checks.add(DoctorKeyChecks.accepted(self, api.credential()));
    if (KeysApi.scopeList(self).contains("secrets:admin")) {
      checks.add(checkSecrets());
    }
    List<String> missing =
        Stream.of("providers:read", "agents:read")
            .filter(scope -> !KeysApi.scopeList(self).contains(scope))
            .toList();
    if (missing.isEmpty()) {
      checks.addAll(checkProvidersAndAgents());
    } else {
      checks.add(
          CheckResult.skipped(
              "registries", "not checked: the API key lacks " + String.join(" and ", missing)));
    }
    return checks;
  }

  /// Checks that all replicas can read each other's newest key-encryption key.
  private CheckResult checkSecrets() {
    try {
      JsonNode status = api.get(SecretsStatusCommand.PATH).body();
      String stale = SecretsStatusCommand.formatStaleReplicas(status);
      return stale.isEmpty()
          ? CheckResult.passed("secrets", "every replica can read the key-encryption key")
          : CheckResult.failed(
              "secrets", "stale key-encryption key: " + stale, SecretsStatusCommand.REMEDY);
    } catch (CommandFailure e) {
      return CheckResult.failed(
          "secrets", "cannot read the status: " + e.message(), "see the service's log");
    }
  }

  private List<CheckResult> checkProvidersAndAgents() throws InterruptedException {
    ProvidersApi providers = new ProvidersApi(api);
    List<CheckResult> checks = new ArrayList<>();
    try {
      JsonNode all = PageInput.all(api, providers.registry().path(), Map.of()).path("data");
      checks.addAll(probeProviders(providers, all));
      checks.add(checkAgents(all));
    } catch (CommandFailure e) {
      checks.add(
          CheckResult.failed(
              "registries", "cannot list the registries: " + e.message(), "see the service's log"));
    }
    return checks;
  }

  private static List<CheckResult> probeProviders(ProvidersApi providers, JsonNode all)
      throws InterruptedException {
    List<CheckResult> checks = new ArrayList<>();
    try (ExecutorService probes = Executors.newFixedThreadPool(MAX_CONCURRENT_PROBES)) {
      List<Future<CheckResult>> running = new ArrayList<>();
      for (JsonNode provider : all) {
        running.add(probes.submit(() -> probeProvider(providers, provider)));
      }
      for (Future<CheckResult> check : running) {
        checks.add(check.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return checks;
  }

  /// Checks that the providers of agents exist. Only the first page of agents is checked.
  private CheckResult checkAgents(JsonNode providers) {
    JsonNode page =
        PageInput.readMaxPage(api, RevisionedResources.agents(api).registry().path(), Map.of(), 1);
    long total = page.path("total").asLong(0);
    if (total == 0) {
      return CheckResult.skipped("agents", "no agents");
    }
    Set<String> ids =
        providers
            .valueStream()
            .map(provider -> provider.path("id").asString(""))
            .collect(Collectors.toSet());
    List<String> orphans =
        page.path("data")
            .valueStream()
            .filter(agent -> agent.path("config").has("provider_id"))
            .filter(agent -> !ids.contains(agent.path("config").path("provider_id").asString("")))
            .map(agent -> agent.path("name").asString(""))
            .toList();
    if (!orphans.isEmpty()) {
      return CheckResult.failed(
          "agents",
          "%d; the provider of these agents does not exist: %s"
              .formatted(total, String.join(", ", orphans)),
          "assign another provider with `agent-lab agent update NAME --provider PROVIDER`");
    }
    int checked = page.path("data").size();
    return CheckResult.passed(
        "agents",
        "%d, the providers of %s exist"
            .formatted(total, checked < total ? "the first " + checked : "all"));
  }

  private static CheckResult probeProvider(ProvidersApi providers, JsonNode provider) {
    String name = "provider " + provider.path("name").asString("");
    String url = ProvidersApi.describeTarget(provider.path("config"));
    try {
      JsonNode report = providers.probe(provider.path("id").asString(""));
      if (report.path("ok").asBoolean(false)) {
        int models = report.path("models").size();
        return CheckResult.passed(
            name, "%s, %d %s".formatted(url, models, models == 1 ? "model" : "models"));
      }
      return failed(name, url, report.path("stages"));
    } catch (CommandFailure e) {
      if (e.code() == ExitCode.DENIED) {
        return CheckResult.skipped(
            name, "%s; the API key lacks the permission to test it".formatted(url));
      }
      return CheckResult.failed(
          name, "%s could not be tested: %s".formatted(url, e.message()), "try again");
    }
  }

  private static CheckResult failed(String name, String url, JsonNode stages) {
    for (JsonNode stage : stages) {
      if (stage.path("status").asString("").equals("failed")) {
        String detail =
            "%s fails to %s: %s"
                .formatted(
                    url,
                    stage.path("name").asString("").replace('_', ' '),
                    stage.path("detail").asString(""));
        return new CheckResult(
            name,
            Mark.FAILED,
            detail,
            Optional.ofNullable(stage.path("cause").stringValue(null)),
            Optional.ofNullable(stage.path("fix").stringValue(null)));
      }
    }
    return CheckResult.failed(name, url + " failed its test", "run `agent-lab provider test`");
  }
}
