import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A provider of OpenAI's dialect that keeps a ledger of the tokens of each call, which has an id of its own in {@code
 * x-request-id}. A prompt says how many tokens its response has: {@code tokens=80}. A stream sends four tokens every 20
 * milliseconds; those that were written count, also if it breaks off. Words have one to seven letters, and a token is a word of at
 * most four letters or a half of one.
 *
 * <p>{@code GET /ledger} prints a line for each call: id, input, cached input, output, reasoning, and whether it was complete.
 * {@code POST /refuse?millis=5000} closes all connections and refuses new ones for that time.
 */
final class LedgerUpstream {
  private static final int TOKENS_AN_EVENT = 4;
  private static final int EVENT_INTERVAL_MILLIS = 20;
  private static final int MAX_LETTERS_OF_A_TOKEN = 4;

  private final Vertx vertx = Vertx.vertx();
  private final Random random = new Random(1);
  private final List<Entry> entries = new ArrayList<>();
  private final int port;
  private HttpServer server;

  private static final class Entry {
    final String id;
    final int input;
    final int cached;
    int output;
    int reasoning;
    boolean complete;

    Entry(String id, int input, int cached) {
      this.id = id;
      this.input = input;
      this.cached = cached;
    }

    String usage() {
      return """
          {"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":%d},\
          "completion_tokens_details":{"reasoning_tokens":%d}}"""
          .formatted(input, output, input + output, cached, reasoning);
    }
  }

  private LedgerUpstream(int port) {
    this.port = port;
    server = createServer();
  }

  /** Arguments: port. */
  public static void main(String[] args) {
    LedgerUpstream upstream = new LedgerUpstream(Integer.parseInt(args[0]));
    upstream.vertx.runOnContext(_ -> upstream.server.listen());
  }

  private HttpServer createServer() {
    return vertx
        .createHttpServer(new HttpServerOptions().setTcpNoDelay(true).setHost("127.0.0.1").setPort(port))
        .requestHandler(this::answer);
  }

  private void answer(HttpServerRequest request) {
    switch (request.path()) {
      case "/ledger" -> request.response().end(ledger());
      case "/refuse" -> {
        long millis = Long.parseLong(request.getParam("millis"));
        request.response().end().onComplete(_ -> refuse(millis));
      }
      default -> request.body().onSuccess(body -> chat(request.response(), body.toString()));
    }
  }

  private void refuse(long millis) {
    server.close().onComplete(_ -> vertx.setTimer(millis, _ -> {
      server = createServer();
      server.listen();
    }));
  }

  private String ledger() {
    StringBuilder lines = new StringBuilder();
    for (Entry it : entries) {
      lines.append("%s %d %d %d %d %b\n".formatted(it.id, it.input, it.cached, it.output, it.reasoning, it.complete));
    }
    return lines.toString();
  }

  private void chat(HttpServerResponse response, String json) {
    int wanted = parameter(json, "tokens=");
    int input = tokens(json.substring(json.indexOf("tokens=")));
    Entry entry = new Entry("call-%d-%d".formatted(port, entries.size()), input, random.nextInt(3) == 0 ? input / 2 : 0);
    entries.add(entry);
    response.putHeader("x-request-id", entry.id);
    if (json.contains("\"stream\":true")) {
      response.putHeader("Content-Type", "text/event-stream").setChunked(true);
      vertx.setPeriodic(EVENT_INTERVAL_MILLIS, timer -> {
        if (response.closed()) {
          vertx.cancelTimer(timer);
        } else if (entry.output < wanted) {
          int number = Math.min(TOKENS_AN_EVENT, wanted - entry.output);
          response.write(chunk(entry, "{\"content\":\"" + text(number) + "\"}", "null", ""));
          entry.output += number;
        } else {
          vertx.cancelTimer(timer);
          entry.complete = true;
          response.end(chunk(entry, "{}", "\"stop\"", "") + chunk(entry, "", "", entry.usage()) + "data: [DONE]\n\n");
        }
      });
      return;
    }
    entry.reasoning = random.nextInt(3) == 0 ? wanted / 4 : 0;
    entry.output = wanted;
    entry.complete = true;
    response
        .putHeader("Content-Type", "application/json")
        .end(
            """
            {"id":"%s","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,\
            "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],"usage":%s}"""
                .formatted(entry.id, text(wanted - entry.reasoning), entry.usage()));
  }

  private static String chunk(Entry entry, String delta, String finishReason, String usage) {
    String choices =
        delta.isEmpty() ? "" : "{\"index\":0,\"delta\":%s,\"finish_reason\":%s}".formatted(delta, finishReason);
    return """
        data: {"id":"%s","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[%s],"usage":%s}

        """
        .formatted(entry.id, choices, usage.isEmpty() ? "null" : usage);
  }

  /** Words with this number of tokens. */
  private String text(int tokens) {
    StringBuilder text = new StringBuilder();
    for (int left = tokens; left > 0; ) {
      int letters = 1 + random.nextInt(left > 1 ? 2 * MAX_LETTERS_OF_A_TOKEN - 1 : MAX_LETTERS_OF_A_TOKEN);
      text.repeat('a', letters).append(' ');
      left -= letters > MAX_LETTERS_OF_A_TOKEN ? 2 : 1;
    }
    return text.toString();
  }

  /** The number of tokens of a prompt, up to its end. */
  private static int tokens(String text) {
    int tokens = 0;
    int letters = 0;
    for (int i = 0; i < text.length() && text.charAt(i) != '"'; i++) {
      letters = text.charAt(i) == ' ' ? 0 : letters + 1;
      if (letters % MAX_LETTERS_OF_A_TOKEN == 1) {
        tokens++;
      }
    }
    return tokens;
  }

  private static int parameter(String json, String name) {
    int from = json.indexOf(name) + name.length();
    int to = from;
    while (Character.isDigit(json.charAt(to))) {
      to++;
    }
    return Integer.parseInt(json, from, to, 10);
  }
}
