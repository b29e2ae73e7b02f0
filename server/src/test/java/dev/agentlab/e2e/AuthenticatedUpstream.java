package dev.agentlab.e2e;

import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.FakeUpstream.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// A fake upstream that requires a bearer token.
final class AuthenticatedUpstream {
  /// The content of its chat completions.
  static final String ANSWER = "the token was right";

  private AuthenticatedUpstream() {}

  static FakeUpstream requiring(String token) {
    return FakeUpstream.start((request, out) -> answer(request, out, "Bearer " + token));
  }

  private static void answer(Request request, OutputStream out, String expected)
      throws IOException {
    String answer;
    if (!request.header("Authorization").orElse("").equals(expected)) {
      answer = FakeUpstream.response("401 Unauthorized", "application/json", "{}");
    } else if (request.requestLine().startsWith("GET ")) {
      answer = FakeUpstream.json("{\"object\":\"list\",\"data\":[{\"id\":\"any\"}]}");
    } else {
      answer =
          FakeUpstream.json(
              """
              {"id": "c", "object": "chat.completion", "created": 1, "model": "any", "choices": [
               {"index": 0, "finish_reason": "stop", "message":
                {"role": "assistant", "content": "%s"}}]}
              """
                  .formatted(ANSWER));
    }
    out.write(answer.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
