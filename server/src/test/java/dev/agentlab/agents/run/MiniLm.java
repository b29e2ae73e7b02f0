package dev.agentlab.agents.run;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.agentlab.json.Json;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// A real embedding model, all-MiniLM-L6-v2, behind OpenAI's embeddings endpoint on a free port of
/// the loopback interface.
final class MiniLm implements AutoCloseable {
  static final String NAME = "all-minilm-l6-v2";
  static final int DIMENSIONS = 384;

  static {
    // Keeps the library of the tokenizer off the network and out of the home folder.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", Path.of("target", "djl").toAbsolutePath().toString());
  }

  private final EmbeddingModel model = new AllMiniLmL6V2QuantizedEmbeddingModel();
  private final HttpServer server;
  private volatile String lastResponse = "";

  private MiniLm(HttpServer server) {
    this.server = server;
  }

  static MiniLm start() throws IOException {
    MiniLm model =
        new MiniLm(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    model.server.createContext("/v1/embeddings", model::respond);
    model.server.start();
    return model;
  }

  String url() {
    return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
  }

  /// The body of the last response.
  String lastResponse() {
    return lastResponse;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void respond(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = Json.MAPPER.readTree(exchange.getRequestBody().readAllBytes());
      lastResponse = respond(request.get("input"));
      byte[] bytes = lastResponse.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String respond(JsonNode input) {
    List<TextSegment> texts =
        (input.isArray() ? input.valueStream().toList() : List.of(input))
            .stream().map(text -> TextSegment.from(text.stringValue())).toList();
    List<Embedding> vectors = model.embedAll(texts).content();
    String data =
        IntStream.range(0, vectors.size())
            .mapToObj(i ->
                "{\"object\": \"embedding\", \"index\": %d, \"embedding\": %s}"
                    .formatted(i, Arrays.toString(vectors.get(i).vector())))
            .collect(Collectors.joining(", "));
    return "{\"object\": \"list\", \"data\": [%s], \"model\": \"%s\"}".formatted(data, NAME);
  }
}
