package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.Method;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Verifies authentication and authorization for every route and every kind of invalid or
/// insufficient key.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessIT {
  private static final List<String> OPEN = List.of("/healthz", "/openapi.json", "/readyz");

  @RegisterExtension private final TestServer server = new TestServer();
  private final KeyApi keys = new KeyApi(server);
  private final Map<String, String> made = new ConcurrentHashMap<>();
  private String agent = "";
  private String other = "";

  /// A route with its full path.
  private record Served(Route route, String path) {
    String of(String id) {
      return path.replace("{id}", id).replace("{revision}", "1");
    }

    @Override
    public String toString() {
      return route.method() + " " + path;
    }
  }

  @BeforeAll
  void start() {
    agent = keys.agent("one");
    other = keys.agent("other");
  }

  private List<Served> served() {
    List<Served> all = new ArrayList<>();
    for (RouteGroup group : server.routes()) {
      group.routes().forEach(route -> all.add(new Served(route, group.prefix() + route.path())));
    }
    return all;
  }

  private List<Served> guarded() {
    return served().stream().filter(it -> it.route().scope() != Scope.OPEN).toList();
  }

  private Answer call(TestClient client, Served served) {
    return call(client, served, agent);
  }

  private static Answer call(TestClient client, Served served, String id) {
    String path = served.of(id);
    Method method = served.route().method();
    return switch (method) {
      case GET -> client.get(path);
      case DELETE -> client.delete(path);
      case POST -> client.post(path, served.route().takes().isPresent() ? "{}" : "");
      case PUT -> client.put(path, "{}");
    };
  }

  /// Returns the API key with the given scopes, created once.
  private String key(String scopes) {
    return made.computeIfAbsent(scopes, it -> keys.make(it).key());
  }

  private static String allBut(Scope scope) {
    return Arrays.stream(Scope.values())
        .filter(it -> it.isGranted() && it != scope)
        .map(Scope::toString)
        .collect(Collectors.joining(","));
  }

  @Test
  void nothingIsOpenButWhatProbesAndReadersNeed() {
    assertThat(served().stream().filter(it -> it.route().scope() == Scope.OPEN).map(Served::path))
        .containsExactlyInAnyOrderElementsOf(OPEN);
    OPEN.forEach(
        path -> assertThat(server.client().asNobody().get(path).status()).as(path).isEqualTo(200));
    assertThat(guarded()).hasSizeGreaterThan(25);
  }

  @Test
  void noRouteOpensToAKeyThatIsNone() {
    KeyApi.Made expired = keys.expired("invoke," + allBut(Scope.INVOKE));
    KeyApi.Made revoked = keys.make("invoke," + allBut(Scope.INVOKE));
    keys.revoke(revoked.id());
    KeyApi.Made rotated = keys.make("invoke," + allBut(Scope.INVOKE));
    keys.rotate(rotated.id(), "{\"overlap\": \"0s\"}");
    String admin = server.adminKey();
    Map<String, String> bad = new TreeMap<>();
    bad.put("expired", expired.key());
    bad.put("revoked", revoked.key());
    bad.put("replaced", rotated.key());
    bad.put("unknown", KeyApi.unknown());
    bad.put("another secret", KeyApi.forged(admin));
    bad.put("a wrong checksum", KeyApi.misspelt(admin));
    bad.put("cut short", admin.substring(0, admin.length() - 1));
    bad.put("no key at all", "none");
    KeyApi.Made tampered = keys.make("agents:read");
    keys.tamper(tampered.id(), "scopes = '{invoke,%s}'".formatted(allBut(Scope.INVOKE)));
    bad.put("tampered with", tampered.key());
    Await.value(401, () -> keys.self(tampered.key()));

    for (Served route : guarded()) {
      assertThat(call(server.client().asNobody(), route).status()).as("%s", route).isEqualTo(401);
      bad.forEach((what, key) -> {
        Answer answer = call(keys.as(key), route);
        assertThat(answer.status()).as("%s, %s", route, what).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.text()).doesNotContain(key);
      });
    }
  }

  @Test
  void noRouteOpensToAKeyForAllTheOthers() {
    for (Served route : guarded()) {
      Scope scope = route.route().scope();
      if (scope.isGranted()) {
        Answer answer = call(keys.as(key(allBut(scope))), route);
        assertThat(answer.status()).as("%s", route).isEqualTo(403);
        assertThat(answer.json().get("detail").asString()).contains(scope.toString());
      }
    }
  }

  @Test
  void aKeyForOneAgentOpensThatAgentsRunsOnly() {
    String forOther = key("invoke:" + other);
    String forOne = key("invoke:" + agent);
    List<Served> runs = guarded().stream().filter(it -> it.route().agent().isPresent()).toList();
    assertThat(runs).hasSizeGreaterThanOrEqualTo(6);
    for (Served route : guarded()) {
      if (route.route().scope().isGranted()) {
        assertThat(call(keys.as(forOther), route).status()).as("%s", route).isEqualTo(403);
      }
    }
    for (Served route : runs) {
      for (String name : List.of(agent, "one")) {
        assertThat(call(keys.as(forOne), route, name).status())
            .as("%s", route)
            .isNotIn(401, 403, 404);
      }
      for (String name : List.of(other, "other", "missing")) {
        assertThat(call(keys.as(forOne), route, name).status()).as("%s", route).isEqualTo(403);
      }
    }
    assertThat(keys.as(forOne).post("/api/agents/%s/chat".formatted(agent), "{\"prompt\":\"Hi\"}"))
        .extracting(Answer::status)
        .isEqualTo(200);
  }

  @Test
  void everyRouteOpensToItsScopeAlone() {
    for (Served route : guarded()) {
      Scope scope = route.route().scope();
      String key = key(scope.isGranted() ? scope.toString() : "agents:read");

      // A missing resource, because some routes delete it.
      Answer answer = call(keys.as(key), route, UUID.randomUUID().toString());
      assertThat(answer.status()).as("%s", route).isNotIn(401, 403);
    }
  }
}
