package dev.agentlab.agents.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Embeddings of agents with a real model.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisabledOnOs(
    value = OS.MAC,
    architectures = "x86_64",
    disabledReason = "the model's tokenizer has no binary for it")
class EmbeddingsIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);
  private final MiniLm model;
  private String agent = "";

  EmbeddingsIT() throws IOException {
    model = MiniLm.start();
  }

  @BeforeAll
  void start() {
    agent =
        AgentApi.id(
            api.createAgent(
                """
                {"provider": {"name": "openai-compatible", "base_url": "%s", "options": {}},
                 "model": {"name": "%s", "capabilities": {"embeddings": {}}}}
                """
                    .formatted(model.url(), MiniLm.NAME)));
  }

  @AfterAll
  void stop() {
    model.close();
  }

  @Test
  void embeddingHasModelDimensionsAndUnitLength() {
    JsonNode vector = embed("A cat sleeps on the sofa.").json().at("/data/0/embedding");

    assertThat(vector.size()).isEqualTo(MiniLm.DIMENSIONS);
    assertThat(Math.sqrt(similarity(vector, vector))).isBetween(0.999, 1.001);
  }

  @ParameterizedTest
  @CsvSource({
    "A cat sleeps on the sofa., The kitten naps on the couch., The invoice is due on Friday.",
    "How do I reset my password?, I forgot my login and cannot sign in., Bake it for ten minutes.",
    "It will rain tomorrow., Wet weather is forecast., The database is out of disk space."
  })
  void similarTextsHaveSimilarEmbeddings(String text, String near, String far) {
    JsonNode data = embed(text, near, far).json().get("data");
    JsonNode vector = data.at("/0/embedding");

    assertThat(similarity(vector, data.at("/1/embedding")))
        .isGreaterThan(similarity(vector, data.at("/2/embedding")) + 0.2);
  }

  @Test
  void embeddingsFollowInputOrder() {
    List<String> texts = List.of("cat", "invoice", "rain", "password", "cat again", "Zürich 🎉");

    JsonNode data = embed(texts.toArray(String[]::new)).json().get("data");

    assertThat(data.size()).isEqualTo(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      JsonNode alone = embed(texts.get(i)).json().at("/data/0/embedding");
      assertThat(data.get(i).get("index").intValue()).isEqualTo(i);
      assertThat(similarity(data.get(i).get("embedding"), alone))
          .as(texts.get(i))
          .isGreaterThan(0.999);
    }
  }

  @Test
  void numbersArePassedThroughUnchanged() {
    Answer answer = embed("A cat sleeps on the sofa.", "rain");

    assertThat(answer.text()).isEqualTo(model.lastResponse()).containsPattern("[0-9]E-[0-9]");
  }

  private Answer embed(String... texts) {
    Answer answer =
        api.client()
            .post(
                "/api/agents/%s/embed".formatted(agent),
                "{\"input\": %s}".formatted(Json.MAPPER.writeValueAsString(texts)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer;
  }

  /// The cosine similarity of two unit vectors.
  private static double similarity(JsonNode one, JsonNode other) {
    double sum = 0;
    for (int i = 0; i < one.size(); i++) {
      sum += one.get(i).doubleValue() * other.get(i).doubleValue();
    }
    return sum;
  }
}
