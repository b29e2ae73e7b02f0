package dev.agentlab.commands;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.json.Json;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// An upstream that echoes requests in varying response formats, as providers, proxies and
/// debuggers do.
final class EchoUpstream implements FakeUpstream.Script {
  private final AtomicInteger count = new AtomicInteger();

  /// The number of requests.
  int count() {
    return count.get();
  }

  @Override
  public void respond(FakeUpstream.Request request, OutputStream out) throws IOException {
    String head = String.join("\n", request.head());
    String base64 = Base64.getEncoder().encodeToString(head.getBytes(UTF_8));
    String json = Json.MAPPER.writeValueAsString(Map.of("error", Map.of("message", head)));
    String key = request.header("Authorization").or(() -> request.header("X-Key")).orElse("none");
    String response =
        switch (count.incrementAndGet() % 9) {
          case 0 -> FakeUpstream.response("401 No", "application/json", json);
          case 1 -> FakeUpstream.response("500 No", "text/html", "<html>" + head + "</html>");
          case 2 -> FakeUpstream.response("400 No", "text/plain", head);
          case 3 -> FakeUpstream.response("403 No", "text/plain", base64);
          case 4 -> FakeUpstream.response("403 No", "text/plain", URLEncoder.encode(head, UTF_8));
          case 5 -> FakeUpstream.events() + "data: " + json + "\n\n";
          case 6 ->
              FakeUpstream.response(
                  "302 Found", "text/html\r\nLocation: http://u:" + key + "@x/?" + key, head);
          case 7 -> FakeUpstream.json(json);
          default -> key + " is no HTTP\r\n\r\n";
        };
    out.write(response.getBytes(UTF_8));
    if (response.startsWith(FakeUpstream.events()) || !response.startsWith("HTTP")) {
      out.close();
    }
  }
}
