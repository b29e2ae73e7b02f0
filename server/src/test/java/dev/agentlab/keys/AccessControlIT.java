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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Verifies authentication and authorization for every route and every kind of invalid or
/// insufficient key.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessControlIT {
  private static final List<String> PUBLIC_PATHS =
      List.of(
          "/",
          "/api/hello",
          "/api/sign-in",
          "/healthz",
          "/openapi.json",
          "/readyz",
          "/readyz/calls");

  /// Public routes that verify a credential themselves.
  private static final List<String> SIGN_IN_ROUTES = List.of("POST /api/session");

  /// The same for everyone; the program may have been built without them.
  private static final List<String> STATIC_FILES =
      List.of("/assets/{file*}", "/docs", "/docs/{file*}", "/icon.svg");

  /// The views of the console, which are one page.
  private static final List<String> VIEWS =
      List.of(
          "/about",
          "/agents",
          "/audit",
          "/calls",
          "/connect",
          "/keys",
          "/me",
          "/playground",
          "/providers",
          "/routes",
          "/secrets",
          "/sign-in");

  @RegisterExtension private final TestServer server = new TestServer();
  private final KeyApi keys = new KeyApi(server);
  private final Map<String, String> createdKeys = new ConcurrentHashMap<>();
  private String agent = "";
  private String other = "";

  /// A route with its full path.
  private record ServedRoute(Route route, String path) {
    String pathFor(String id) {
      return path.replace("{id}", id)
          .replace("{revision}", "1")
          .replace("{seq}", "1")
          .replace("{model*}", "m")
          .replace("{call*}", "m:generateContent")
          .replace("{provider}", "p")
          .replace("{path*}", "a");
    }

    @Override
    public String toString() {
      return route.method() + " " + path;
    }
  }

  @BeforeAll
  void start() {
    agent = keys.createAgent("one");
    other = keys.createAgent("other");
  }

  private List<ServedRoute> servedRoutes() {
    List<ServedRoute> all = new ArrayList<>();
    for (RouteGroup group : server.routes()) {
      group
          .routes()
          .forEach(route -> all.add(new ServedRoute(route, group.prefix() + route.path())));
    }
    return all;
  }

  private List<ServedRoute> protectedRoutes() {
    return servedRoutes().stream().filter(it -> !it.route().scope().equals(Scope.PUBLIC)).toList();
  }

  private Answer call(TestClient client, ServedRoute served) {
    return call(client, served, agent);
  }

  private static Answer call(TestClient client, ServedRoute served, String id) {
    String path = served.pathFor(id);
    Method method = served.route().method();
    return switch (method) {
      case GET -> client.get(path);
      case DELETE -> client.delete(path);
      case POST -> client.post(path, served.route().requestBody().isPresent() ? "{}" : "");
      case PUT -> client.put(path, "{}");
      case PATCH -> client.patch(path, "{}");
    };
  }

  /// Returns the API key with the given scopes, created once.
  private String key(String scopes) {
    return createdKeys.computeIfAbsent(scopes, it -> keys.create(it).key());
  }

  private static String allScopesExcept(Scope scope) {
    return TestServer.scopes().all().stream()
        .filter(it -> !it.equals(scope))
        .map(Scope::toString)
        .collect(Collectors.joining(","));
  }

  @Test
  void onlyProbesPagesSignInAndTheApiDescriptionArePublic() {
    List<String> expected = new ArrayList<>();
    PUBLIC_PATHS.forEach(it -> expected.add("GET " + it));
    STATIC_FILES.forEach(it -> expected.add("GET " + it));
    VIEWS.forEach(it -> expected.add("GET " + it));
    VIEWS.stream()
        .filter(it -> !it.equals("/sign-in"))
        .forEach(it -> expected.add("GET " + it + "/{rest*}"));
    expected.add("GET /{rest*}");
    expected.addAll(SIGN_IN_ROUTES);
    assertThat(
            servedRoutes().stream()
                .filter(it -> it.route().scope().equals(Scope.PUBLIC))
                .map(ServedRoute::toString))
        .containsExactlyInAnyOrderElementsOf(expected);
    Stream.concat(PUBLIC_PATHS.stream(), VIEWS.stream())
        .forEach(path ->
            assertThat(server.client().withoutKey().get(path).status()).as(path).isEqualTo(200));
    assertThat(protectedRoutes()).hasSizeGreaterThan(25);
  }

  @Test
  void everyGrantableScopeIsRequiredByARoute() {
    assertThat(protectedRoutes().stream().map(it -> it.route().scope()).collect(Collectors.toSet()))
        .containsAll(
            TestServer.scopes().all().stream()
                // A request to the gateway finds these out itself.
                .filter(it -> !it.equals(Scope.PROXY) && !it.equals(Scope.ON_BEHALF_OF))
                .toList());
  }

  @Test
  void everyProtectedRouteRejectsInvalidKeys() {
    KeyApi.CreatedKey expired = keys.createExpired("invoke," + allScopesExcept(Scope.INVOKE));
    KeyApi.CreatedKey revoked = keys.create("invoke," + allScopesExcept(Scope.INVOKE));
    keys.revoke(revoked.id());
    KeyApi.CreatedKey rotated = keys.create("invoke," + allScopesExcept(Scope.INVOKE));
    keys.rotate(rotated.id(), "{\"overlap\": \"0s\"}");
    String admin = server.adminKey();
    Map<String, String> bad = new TreeMap<>();
    bad.put("expired", expired.key());
    bad.put("revoked", revoked.key());
    bad.put("replaced", rotated.key());
    bad.put("unknown", KeyApi.unknownKey());
    bad.put("another secret", KeyApi.withOtherSecret(admin));
    bad.put("a wrong checksum", KeyApi.withWrongChecksum(admin));
    bad.put("cut short", admin.substring(0, admin.length() - 1));
    bad.put("no key at all", "none");
    KeyApi.CreatedKey tampered = keys.create("agents:read");
    keys.tamper(tampered.id(), "scopes = '{invoke,%s}'".formatted(allScopesExcept(Scope.INVOKE)));
    bad.put("tampered with", tampered.key());
    Await.value(401, () -> keys.selfStatus(tampered.key()));

    for (ServedRoute route : protectedRoutes()) {
      assertThat(call(server.client().withoutKey(), route).status()).as("%s", route).isEqualTo(401);
      bad.forEach((what, key) -> {
        Answer answer = call(keys.as(key), route);
        assertThat(answer.status()).as("%s, %s", route, what).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.text()).doesNotContain(key);
      });
    }
  }

  @Test
  void everyRouteRejectsAKeyWithAllOtherScopes() {
    for (ServedRoute route : protectedRoutes()) {
      Scope scope = route.route().scope();
      if (scope.isGrantable()) {
        Answer answer = call(keys.as(key(allScopesExcept(scope))), route);
        assertThat(answer.status()).as("%s", route).isEqualTo(403);
        assertThat(answer.text()).contains("the scope " + scope);
      }
    }
  }

  @Test
  void keyForOneAgentAllowsRunsOfThatAgentOnly() {
    String forOther = key("invoke:" + other);
    String forOne = key("invoke:" + agent);
    List<ServedRoute> runs =
        protectedRoutes().stream().filter(it -> it.route().agent().isPresent()).toList();
    assertThat(runs).hasSizeGreaterThanOrEqualTo(6);
    for (ServedRoute route : protectedRoutes()) {
      if (route.route().scope().isGrantable() && !route.route().checksTarget()) {
        assertThat(call(keys.as(forOther), route).status()).as("%s", route).isEqualTo(403);
      }
    }
    for (ServedRoute route : runs) {
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
  void keyForProvidersAndModelsAllowsNoRunsOfAgents() {
    String models = key("invoke:provider/simulated,invoke:model/simulated/*,proxy:simulated");
    for (ServedRoute route : protectedRoutes()) {
      if (route.route().agent().isPresent()) {
        for (String name : List.of(agent, "one", "missing")) {
          assertThat(call(keys.as(models), route, name).status()).as("%s", route).isEqualTo(403);
        }
      }
    }
  }

  @Test
  void everyRouteAcceptsAKeyWithItsScopeOnly() {
    for (ServedRoute route : protectedRoutes()) {
      Scope scope = route.route().scope();
      String key = key(scope.isGrantable() ? scope.toString() : "agents:read");

      // A missing resource, because some routes delete it.
      Answer answer = call(keys.as(key), route, UUID.randomUUID().toString());
      assertThat(answer.status()).as("%s", route).isNotIn(401, 403);
    }
  }
}
