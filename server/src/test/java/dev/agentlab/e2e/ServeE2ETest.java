package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeE2ETest {
  @TempDir private Path folder;

  /// A fake Ollama that answers probes.
  private static HttpServer ollama() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] models =
        "{\"object\":\"list\",\"data\":[{\"id\":\"llama3.2\",\"object\":\"model\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/v1/models",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, models.length);
            exchange.getResponseBody().write(models);
          }
        });
    server.start();
    return server;
  }

  @Test
  void providersAreManagedFromTheCommandLineAndSurviveARestart() throws Exception {
    HttpServer ollama = ollama();
    String url = "http://127.0.0.1:" + ollama.getAddress().getPort();
    try (Program service = Program.serve(folder, Map.of())) {
      Program.Result added =
          service.run("provider", "add", "local", "--kind", "ollama", "--base-url", url);
      assertThat(added.code()).as(added.err()).isZero();
      assertThat(added.out()).startsWith("added local, id ");
      assertThat(added.err()).contains("✓ list_models");

      assertThat(service.run("provider", "models", "local").out()).isEqualTo("llama3.2\n");
      assertThat(service.run("provider", "list").out()).contains("local", "ollama", url);
      assertThat(service.run("provider", "update", "local", "--name", "laptop").code()).isZero();
      assertThat(service.run("provider", "show", "local").code()).isEqualTo(4);
      assertThat(service.run("doctor").out())
          .containsPattern("✓ provider laptop +" + url + ", 1 model\n");

      assertThat(service.stop()).isZero();
      assertThat(service.log())
          .contains("agent-lab is ready")
          .containsSubsequence("initiating shutdown", "server stopped gracefully");
      assertThat(service.run("provider", "list").code()).isEqualTo(3);
    } finally {
      ollama.stop(0);
    }
    try (Program service = Program.serve(folder, Map.of())) {
      assertThat(service.run("provider", "show", "laptop").out()).contains(url);
      assertThat(service.run("provider", "test", "laptop").code()).isEqualTo(6);
      assertThat(service.run("provider", "remove", "laptop").code()).isZero();
      assertThat(service.run("provider", "list", "--json").out()).contains("\"total\" : 0");
      assertThat(service.stop("INT")).isZero();
    }
  }

  @Test
  void portInUseEndsTheStartWithAMessage() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Program service =
            Program.start(folder, Map.of("SERVER_PORT", Integer.toString(taken.getLocalPort())))) {
      assertThat(service.exitCode()).isEqualTo(1);
      assertThat(service.log())
          .contains(Integer.toString(taken.getLocalPort()))
          .doesNotContain("\tat ", "agent-lab is ready");
    }
  }

  @Test
  void dataFolderThatIsAFileEndsTheStartWithAMessage() throws Exception {
    Files.createFile(folder.resolve("data"));
    try (Program service = Program.start(folder, Map.of())) {
      assertThat(service.exitCode()).isEqualTo(1);
      assertThat(service.log())
          .contains(folder.resolve("data").toString(), "is not a folder")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void wrongConfigurationEndsTheStartWithEveryFault() throws Exception {
    try (Program service =
        Program.start(folder, Map.of("SERVER_PORT", "0", "LOGGING_LEVEL", "loud"))) {
      assertThat(service.exitCode()).isEqualTo(78);
      assertThat(service.log()).contains("server.port", "logging.level").doesNotContain("\tat ");
    }
  }
}
