import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;

/** A bare relay: forwards each request and its response, streamed or not, and reads neither. */
final class Pipe {
  /** Arguments: port, port of the upstream. */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx();
    vertx.deployVerticle(
        () ->
            context -> {
              HttpClient client =
                  vertx
                      .httpClientBuilder()
                      .with(new HttpClientOptions().setTcpNoDelay(true))
                      .with(new PoolOptions().setHttp1MaxSize(2_048))
                      .build();
              return vertx
                  .createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                  .requestHandler(request -> relay(client, Integer.parseInt(args[1]), request))
                  .listen(Integer.parseInt(args[0]), "127.0.0.1");
            },
        new DeploymentOptions().setInstances(2));
  }

  private static void relay(HttpClient client, int port, HttpServerRequest request) {
    HttpServerResponse response = request.response();
    request
        .body()
        .compose(
            body ->
                client
                    .request(HttpMethod.POST, port, "127.0.0.1", request.uri())
                    .compose(
                        out -> {
                          response.exceptionHandler(_ -> out.reset());
                          return out.putHeader("Content-Type", "application/json").send(body);
                        }))
        .onSuccess(
            answer -> {
              response.headers().addAll(answer.headers());
              response.setChunked(!answer.headers().contains(HttpHeaders.CONTENT_LENGTH));
              answer.pipeTo(response);
            })
        .onFailure(_ -> response.setStatusCode(502).end());
  }
}
