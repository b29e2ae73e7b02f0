package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginCommandTest {
  private static final String LINK =
      "{\"url\": \"http://127.0.0.1:8080/sign-in#abc\", \"expires_at\": \"2030-01-01T00:10:00.5Z\"}";

  private final FakeService service = new FakeService();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun login(String... arguments) {
    return CommandRun.With.service(service).in(folder).run(arguments);
  }

  @Test
  void linkIsTheOnlyOutput() {
    service.on("POST /api/session/links", 201, LINK);

    CommandRun run = login("login");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("http://127.0.0.1:8080/sign-in#abc\n");
    assertThat(run.err()).contains("before 2030-01-01T00:10:00Z", "works once");
  }

  @Test
  void jsonIsThatOfTheService() {
    service.on("POST /api/session/links", 201, LINK);

    assertThat(Json.MAPPER.readTree(login("login", "--json").out()))
        .isEqualTo(Json.MAPPER.readTree(LINK));
  }
}
