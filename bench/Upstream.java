import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider that costs next to nothing: answers every chat with the same completion, or with a stream of events. Below the path /faulty, half of the chats fail. */
final class Upstream {
  private static final Buffer COMPLETION =
      Buffer.buffer(
          """
          {"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m",\
          "choices":[{"index":0,"message":{"role":"assistant","content":"%s"},\
          "finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":40,"total_tokens":49}}"""
              .formatted("word ".repeat(60)));
  private static final Buffer EVENT =
      Buffer.buffer(
          """
          data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
          "choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}

          """);
  private static final Buffer LAST =
      Buffer.buffer(
          """
          data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
          "choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

          data: [DONE]

          """);

  private static final AtomicInteger FAULTY_CHATS = new AtomicInteger();

  /** Arguments: port, events of a stream, milliseconds between two of them. */
  public static void main(String[] args) {
    int events = Integer.parseInt(args[1]);
    long gap = Long.parseLong(args[2]);
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

  private static void answer(Vertx vertx, HttpServerRequest request, int events, long gap) {
    request
        .body()
        .onSuccess(
            body -> {
              HttpServerResponse response = request.response();
              if (request.path().startsWith("/faulty/") && fails(request, response)) {
                return;
              }
              if (!body.toString().contains("\"stream\":true")) {
                response.putHeader("Content-Type", "application/json").end(COMPLETION.copy());
                return;
              }
              response.putHeader("Content-Type", "text/event-stream").setChunked(true);
              if (gap == 0) {
                for (int i = 0; i < events; i++) {
                  response.write(EVENT.copy());
                }
                response.end(LAST.copy());
              } else {
                int[] sent = {0};
                vertx.setPeriodic(
                    gap,
                    timer -> {
                      if (response.closed()) {
                        vertx.cancelTimer(timer);
                      } else if (sent[0]++ < events) {
                        response.write(EVENT.copy());
                      } else {
                        vertx.cancelTimer(timer);
                        response.end(LAST.copy());
                      }
                    });
              }
            });
  }

  private static boolean fails(HttpServerRequest request, HttpServerResponse response) {
    switch (FAULTY_CHATS.getAndIncrement() % 10) {
      case 0 -> response.setStatusCode(500).end("{}");
      case 2 -> response.setStatusCode(429).putHeader("Retry-After", "1").end("{}");
      case 4 -> response.putHeader("Content-Type", "application/json").end("<html>");
      case 6 -> {
        response.putHeader("Content-Type", "text/event-stream").setChunked(true);
        response.write(EVENT.copy()).onComplete(_ -> request.connection().close());
      }
      case 8 -> response.exceptionHandler(_ -> {}); // never answers
      default -> {
        return false;
      }
    }
    return true;
  }
}
