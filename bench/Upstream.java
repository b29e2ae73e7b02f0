import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider with minimal cost: answers every chat with the same completion, or with a stream of events, in OpenAI's dialect,
 * below /v1/messages in Anthropic's and below /v1beta in Google's; below /v1/responses in that of OpenAI's Responses API. Below the path /faulty, half of the chats fail.
 *
 * <p>A response to a request with {@code "store":true} has an id of its own.
 *
 * <p>The prompt can set the number of events and the milliseconds between two of them: {@code events=20 gap=5}. With a gap, the
 * first event is sent at once, and the text of an event is its {@link System#nanoTime()} between two @.
 */
final class Upstream {
  private static final int MAX_EVENTS_A_TURN = 100;
  private static final String TEXT = "word ".repeat(60);

  private static final Buffer COMPLETION =
      Buffer.buffer(
          """
          {"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m",\
          "choices":[{"index":0,"message":{"role":"assistant","content":"%s"},\
          "finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":40,"total_tokens":49}}"""
              .formatted(TEXT));

  private static final Buffer MESSAGE =
      Buffer.buffer(
          """
          {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"%s"}],\
          "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":40}}"""
              .formatted(TEXT));

  private static final Buffer GENERATED_CONTENT =
      Buffer.buffer(
          """
          {"candidates":[{"content":{"parts":[{"text":"%s"}],"role":"model"},"finishReason":"STOP","index":0}],\
          "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":40,"totalTokenCount":49},"modelVersion":"m"}"""
              .formatted(TEXT));

  private static final Buffer RESPONSE =
      Buffer.buffer(
          """
          {"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,"model":"m",\
          "output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant",\
          "content":[{"type":"output_text","text":"%s","annotations":[],"logprobs":[]}]}],\
          "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0},"output_tokens":40,\
          "output_tokens_details":{"reasoning_tokens":0},"total_tokens":49}}"""
              .formatted(TEXT));

  private static final Dialect OPENAI =
      new Dialect(
          COMPLETION,
          "",
          """
          data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
          "choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":null}]}

          """,
          """
          data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
          "choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

          data: [DONE]

          """);

  private static final Dialect ANTHROPIC =
      new Dialect(
          MESSAGE,
          """
          event: message_start
          data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m",\
          "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}

          event: content_block_start
          data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

          """,
          """
          event: content_block_delta
          data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT"}}

          """,
          """
          event: content_block_stop
          data: {"type":"content_block_stop","index":0}

          event: message_delta
          data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":40}}

          event: message_stop
          data: {"type":"message_stop"}

          """);

  private static final Dialect GOOGLE =
      new Dialect(
          GENERATED_CONTENT,
          "",
          """
          data: {"candidates":[{"content":{"parts":[{"text":"TEXT"}],"role":"model"},"index":0}],"modelVersion":"m"}

          """,
          """
          data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],\
          "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":40,"totalTokenCount":49},"modelVersion":"m"}

          """);

  private static final Dialect RESPONSES =
      new Dialect(
          RESPONSE,
          """
          event: response.created
          data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1700000000,\
          "status":"in_progress","error":null,"model":"m","output":[],"usage":null}}

          event: response.in_progress
          data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1","object":"response","created_at":1700000000,\
          "status":"in_progress","error":null,"model":"m","output":[],"usage":null}}

          event: response.output_item.added
          data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,\
          "item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}

          event: response.content_part.added
          data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,\
          "part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}

          """,
          """
          event: response.output_text.delta
          data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,\
          "delta":"TEXT","logprobs":[]}

          """,
          """
          event: response.output_text.done
          data: {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,\
          "text":"%1$s","logprobs":[]}

          event: response.content_part.done
          data: {"type":"response.content_part.done","sequence_number":6,"item_id":"msg_1","output_index":0,"content_index":0,\
          "part":{"type":"output_text","text":"%1$s","annotations":[],"logprobs":[]}}

          event: response.output_item.done
          data: {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_1","type":"message",\
          "status":"completed","role":"assistant","content":[{"type":"output_text","text":"%1$s","annotations":[],"logprobs":[]}]}}

          event: response.completed
          data: {"type":"response.completed","sequence_number":8,"response":%2$s}

          """
              .formatted(TEXT, RESPONSE));

  private static final AtomicInteger FAULTY_CHATS = new AtomicInteger();
  private static final AtomicInteger RESPONSES_WITH_IDS = new AtomicInteger();

  /** A completion, and the bytes of a stream: before its first event, of an event, around the text of an event, and after the last event. */
  private record Dialect(Buffer completion, Buffer first, Buffer event, Buffer beforeText, Buffer afterText, Buffer last) {
    Dialect(Buffer completion, String first, String event, String last) {
      int text = event.indexOf("TEXT");
      this(
          completion,
          Buffer.buffer(first),
          Buffer.buffer(event.replace("TEXT", "word ")),
          Buffer.buffer(event.substring(0, text)),
          Buffer.buffer(event.substring(text + "TEXT".length())),
          Buffer.buffer(last));
    }

    /** A copy whose response has an id of its own. */
    Dialect withNewId() {
      String id = "resp_" + RESPONSES_WITH_IDS.incrementAndGet();
      return new Dialect(withId(completion, id), withId(first, id), event, beforeText, afterText, withId(last, id));
    }

    private static Buffer withId(Buffer text, String id) {
      return Buffer.buffer(text.toString().replace("resp_1", id));
    }

    Buffer stampedEvent() {
      return Buffer.buffer(256)
          .appendBuffer(beforeText)
          .appendString("@" + System.nanoTime() + "@")
          .appendBuffer(afterText);
    }
  }

  /** Arguments: port, events of a stream, milliseconds between two of them. */
  public static void main(String[] args) {
    int events = Integer.parseInt(args[1]);
    int gap = Integer.parseInt(args[2]);
    Vertx vertx = Vertx.vertx();
    vertx.deployVerticle(
        () ->
            context ->
                vertx
                    .createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                    .requestHandler(request -> answer(vertx, request, events, gap))
                    .listen(Integer.parseInt(args[0]), "127.0.0.1"),
        new DeploymentOptions().setInstances(2));
  }

  private static void answer(Vertx vertx, HttpServerRequest request, int events, int gap) {
    request
        .body()
        .onSuccess(
            body -> {
              HttpServerResponse response = request.response();
              if (request.path().startsWith("/faulty/") && fails(request, response)) {
                return;
              }
              String json = body.toString();
              Dialect path = dialect(request.path());
              Dialect dialect = json.contains("\"store\":true") ? path.withNewId() : path;
              if (!json.contains("\"stream\":true") && !request.path().endsWith(":streamGenerateContent")) {
                response.putHeader("Content-Type", "application/json").end(dialect.completion.copy());
                return;
              }
              int number = parameter(json, "events=", events);
              int pause = parameter(json, "gap=", gap);
              response.putHeader("Content-Type", "text/event-stream").setChunked(true);
              if (pause == 0) {
                if (dialect.first.length() > 0) {
                  response.write(dialect.first.copy());
                }
                burst(vertx, response, dialect, number);
              } else {
                response.write(dialect.first.copy().appendBuffer(dialect.stampedEvent()));
                int[] sent = {1};
                vertx.setPeriodic(
                    pause,
                    timer -> {
                      if (response.closed()) {
                        vertx.cancelTimer(timer);
                      } else if (sent[0]++ < number) {
                        response.write(dialect.stampedEvent());
                      } else {
                        vertx.cancelTimer(timer);
                        response.end(dialect.last.copy());
                      }
                    });
              }
            });
  }

  private static Dialect dialect(String path) {
    if (path.contains("/v1beta/")) {
      return GOOGLE;
    }
    if (path.endsWith("/messages")) {
      return ANTHROPIC;
    }
    return path.endsWith("/responses") ? RESPONSES : OPENAI;
  }

  /** Sends the events as fast as the receiver reads them, and lets other streams take their turn. */
  private static void burst(Vertx vertx, HttpServerResponse response, Dialect dialect, int number) {
    int left = number;
    int turn = MAX_EVENTS_A_TURN;
    while (left > 0 && turn > 0 && !response.closed() && !response.writeQueueFull()) {
      response.write(dialect.event.copy());
      left--;
      turn--;
    }
    int rest = left;
    if (response.closed()) {
      return;
    }
    if (left == 0) {
      response.end(dialect.last.copy());
    } else if (turn == 0) {
      vertx.runOnContext(_ -> burst(vertx, response, dialect, rest));
    } else {
      response.drainHandler(_ -> {
        response.drainHandler(null);
        vertx.runOnContext(_ -> burst(vertx, response, dialect, rest));
      });
    }
  }

  private static int parameter(String json, String name, int defaultValue) {
    int at = json.indexOf(name);
    if (at < 0) {
      return defaultValue;
    }
    int from = at + name.length();
    int to = from;
    while (Character.isDigit(json.charAt(to))) {
      to++;
    }
    return Integer.parseInt(json, from, to, 10);
  }

  private static boolean fails(HttpServerRequest request, HttpServerResponse response) {
    switch (FAULTY_CHATS.getAndIncrement() % 10) {
      case 0 -> response.setStatusCode(500).end("{}");
      case 2 -> response.setStatusCode(429).putHeader("Retry-After", "1").end("{}");
      case 4 -> response.putHeader("Content-Type", "application/json").end("<html>");
      case 6 -> {
        response.putHeader("Content-Type", "text/event-stream").setChunked(true);
        response.write(OPENAI.event.copy()).onComplete(_ -> request.connection().close());
      }
      case 8 -> response.exceptionHandler(_ -> {}); // never answers
      default -> {
        return false;
      }
    }
    return true;
  }
}
