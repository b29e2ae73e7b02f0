package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Compares the API description with `src/test/openapi/openapi.json`, so that a change of the API
/// is deliberate. Clients are generated from the description.
class ApiSnapshotIT {
  private static final Path SNAPSHOT = Path.of("src/test/openapi/openapi.json");

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @RegisterExtension static final TestServer server = new TestServer();

  /// `-Dwrite.documents=true` accepts the current description.
  @Test
  void apiDescriptionMatchesItsSnapshot() throws IOException {
    JsonNode document = server.client().get("/openapi.json").json();
    ((ObjectNode) document.get("info")).remove("version");
    String text = MAPPER.writeValueAsString(document) + "\n";
    if (Boolean.getBoolean("write.documents")) {
      Files.writeString(SNAPSHOT, text);
    }
    assertThat(text).isEqualTo(Files.readString(SNAPSHOT));
  }
}
