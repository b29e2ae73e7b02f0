package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.target;
import static dev.agentlab.routing.RouteApi.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Warnings about routes that are stored, but may be a mistake.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RouteWarningsIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final RouteApi api = new RouteApi(server);

  @Test
  void routeWithNameOfAgentIsStoredWithWarning() {
    String agent = uniqueName("helper");
    api.agents().create(agent, AgentApi.INLINE_CONFIG);
    String config = config(target(api.createProvider(), "m", ""));
    String expected =
        "name is \"%s\", which is also the name of an agent: clients of /v1 that request it get this route"
            .formatted(agent);

    Answer created = api.createRoute(agent, config);
    assertThat(warnings(created)).containsExactly(expected);
    assertThat(warnings(api.put(created.header("Location"), agent, config))).isEmpty();
    String other = api.createRoute(config).header("Location");
    api.client().delete(created.header("Location"));
    assertThat(warnings(api.put(other, agent, config))).containsExactly(expected);
  }

  @Test
  void routeWithNameOfModelIsStoredWithWarning() {
    String model = uniqueName("model");
    String provider = uniqueName("provider");
    Answer simulated =
        api.client()
            .post(
                "/api/providers",
                body(
                    provider,
                    "{\"name\": \"simulated\", \"options\": {\"models\": [\"%s\"]}}"
                        .formatted(model)));
    assertThat(simulated.status()).as(simulated.text()).isEqualTo(201);

    assertThat(warnings(api.createRoute(model, config(target(provider, model, "")))))
        .containsExactly(
            "name is \"%s\", which is also a model of the provider \"%s\": clients of /v1 that request it get this route"
                .formatted(model, provider));
  }

  @Test
  void agentWithNameOfRouteIsStoredWithWarning() {
    String route = uniqueName("smart");
    api.createRoute(route, config(target(api.createProvider(), "m", "")));
    String expected =
        "name is \"%s\", which is also the name of a route: clients of /v1 that request it get the route"
            .formatted(route);

    Answer created = api.agents().create(route, AgentApi.INLINE_CONFIG);
    assertThat(created.status()).isEqualTo(201);
    assertThat(warnings(created)).containsExactly(expected);
    String path = created.header("Location");
    assertThat(warnings(api.client().put(path, body(route, AgentApi.INLINE_CONFIG)))).isEmpty();
    api.client().put(path, body(uniqueName("other"), AgentApi.INLINE_CONFIG));
    assertThat(warnings(api.client().put(path, body(route, AgentApi.INLINE_CONFIG))))
        .containsExactly(expected);
  }

  @Test
  void modelThatProviderDoesNotListIsStoredWithWarning() throws Exception {
    String list = "{\"data\": [{\"id\": \"known-model\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json(list))) {
      String provider = uniqueName("listing");
      Answer created =
          api.client()
              .post(
                  "/api/providers",
                  body(
                      provider,
                      "{\"name\": \"ollama\", \"base_url\": \"%s\"}"
                          .formatted(upstream.url("/v1"))));
      Await.until(
          "the models are listed",
          () ->
              api.client()
                  .get(created.header("Location") + "/models")
                  .json()
                  .get("state")
                  .asString()
                  .equals("fresh"));

      Answer route =
          api.createRoute(
              config(target(provider, "known-model", ""), target(provider, "unknown", "")));
      assertThat(warnings(route))
          .containsExactly(
              "config.targets[1].model is \"unknown\", which the provider does not list among its 1 model; did you mean known-model?");
      assertThat(
              warnings(
                  api.put(
                      route.header("Location"),
                      uniqueName("n"),
                      config(target(provider, "unknown", ", \"weight\": 2")))))
          .isEmpty();
    }
  }

  @Test
  void misspelledDefaultIsStoredWithWarning() {
    Answer created =
        api.createRoute(
            "{\"targets\": [%s], \"parameters\": {\"defaults\": {\"temprature\": 1}}}"
                .formatted(target(api.createProvider(), "m", "")));
    assertThat(warnings(created))
        .containsExactly(
            "config.parameters.defaults.temprature is sent unchanged; did you mean temperature?");
    assertThat(api.client().get(created.header("Location")).json().has("warnings")).isFalse();
  }
}
