package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FeaturesTest {
  private static final Scope READ = new Scope("things:read");
  private static final ProblemType GONE = new ProblemType("thing-gone", 409, "Thing is gone");

  /// The contributions of a test feature.
  private record TestFeature(List<RouteGroup> routes, Map<Class<?>, JsonNode> schemas)
      implements Feature {

    static TestFeature of(String path, Scope scope, ProblemType... problems) {
      Route route =
          Route.get(path, "Get")
              .requires(scope)
              .returnsEmpty(204, problems)
              .handledBy(_ -> Response.noContent());
      return new TestFeature(
          List.of(new RouteGroup("", "Things", "Things of a test.", List.of(route))), Map.of());
    }

    TestFeature withSchema(Class<?> type, String schema) {
      return new TestFeature(routes, Map.of(type, Json.MAPPER.readTree(schema)));
    }
  }

  private static Features merge(Feature... features) {
    return new Features(List.of(features), new GrantableScopes(List.of(READ)));
  }

  @Test
  void contributionsAreMergedInOrder() {
    Features features =
        merge(
            TestFeature.of("/one", READ, GONE).withSchema(Integer.class, "{}"),
            TestFeature.of("/two", Scope.PUBLIC, GONE).withSchema(Long.class, "{}"));

    assertThat(features.routes())
        .flatMap(RouteGroup::routes)
        .extracting(Route::path)
        .containsExactly("/one", "/two");
    assertThat(features.schemas()).containsKeys(Integer.class, Long.class);
  }

  @Test
  void undeclaredScopeIsRejected() {
    assertThatThrownBy(() -> merge(TestFeature.of("/one", new Scope("things:write"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("things:write");
  }

  @Test
  void differentProblemTypesWithOneSlugAreRejected() {
    ProblemType other = new ProblemType("thing-gone", 410, "Thing is gone");

    assertThatThrownBy(
            () -> merge(TestFeature.of("/one", READ, GONE), TestFeature.of("/two", READ, other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("thing-gone");
  }

  @Test
  void differentSchemasOfOneTypeAreRejected() {
    TestFeature one = TestFeature.of("/one", READ).withSchema(Integer.class, "{}");
    TestFeature other = TestFeature.of("/two", READ).withSchema(Integer.class, "{\"minimum\": 0}");

    assertThatThrownBy(() -> merge(one, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Integer");
  }

  @Test
  void laterFeatureStopsFirst() throws InterruptedException {
    List<String> stopped = new ArrayList<>();
    Lifecycle lifecycle = new Lifecycle();
    merge(stopping("one", stopped), stopping("two", stopped)).register(lifecycle);
    lifecycle.start();
    assertThat(lifecycle.awaitStartup()).isTrue();

    lifecycle.shutdown(Duration.ofSeconds(30));

    assertThat(stopped).containsExactly("two", "one");
  }

  private static Feature stopping(String name, List<String> stopped) {
    return new Feature() {
      @Override
      public List<RouteGroup> routes() {
        return List.of();
      }

      @Override
      public void register(Lifecycle lifecycle) {
        lifecycle.onShutdown(name, _ -> stopped.add(name));
      }
    };
  }
}
