package dev.agentlab.gateway;

import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.BodyCollector;
import dev.agentlab.http.BodyStream;
import dev.agentlab.http.Method;
import dev.agentlab.http.Param;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.RawRequest;
import dev.agentlab.providers.Providers;
import dev.agentlab.security.Scope;
import dev.agentlab.upstream.UpstreamRequest;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/// `/proxy/{provider}/{path…}`: any request to the API of a registered provider, with its
/// credential. Requests and responses pass as they are, and stream in both directions.
final class ProxyRoutes {
  static final String PREFIX = "/proxy";

  private static final Param<String> PROVIDER =
      Param.pathText("provider", "The name of the provider.");
  private static final Param<String> PATH =
      Param.pathText("path", "The path after the base URL of the provider.");

  private final Providers providers;
  private final ModelCalls calls;
  private final MemoryBudget memory;
  private final int maxSignedBytes;

  /// @param memory for bodies that are signed
  /// @param maxSignedBytes maximum size of a body that is signed; others have no limit, because
  ///   they are not in memory as a whole
  ProxyRoutes(Providers providers, ModelCalls calls, MemoryBudget memory, int maxSignedBytes) {
    this.providers = providers;
    this.calls = calls;
    this.memory = memory;
    this.maxSignedBytes = maxSignedBytes;
  }

  RouteGroup group() {
    return new RouteGroup(
        PREFIX,
        "Proxy",
        "The APIs of providers.",
        OpenAiRoutes.CONVENTIONS,
        GatewayProblems::of,
        Stream.of(Method.values()).map(this::route).toList());
  }

  private Route route(Method method) {
    return Route.of(method, "/{provider}/{path*}", "Forward a request to a provider")
        .requires(Scope.PROXY)
        .checkingTarget()
        .parameters(PROVIDER, PATH)
        .acceptsStream(0)
        .returnsBytes(200, ProblemType.NOT_FOUND)
        .handledOnLoopBy(this::forward);
  }

  private CompletableFuture<Response> forward(Request<BodyStream> request) {
    ProxyPath path = ProxyPath.parse(request.rawPath());
    return findProvider(request).thenCompose(model -> forward(model, path, request));
  }

  /// Finds the provider. One that the caller may not use is not found, so that names cannot be
  /// probed.
  private CompletableFuture<ResolvedModel> findProvider(Request<?> request) {
    String name = request.path(PROVIDER);
    if (!request.caller().grants().allowsProxy(name)) {
      return CompletableFuture.failedFuture(new GatewayException.ProviderNotFound(name));
    }
    Optional<ResolvedProvider> cached =
        providers
            .findIdCached(name)
            .flatMap(Function.identity())
            .flatMap(providers::resolveCached)
            .filter(ResolvedProvider::isInMemory);
    return cached.isPresent()
        ? CompletableFuture.completedFuture(model(cached.get()))
        : request
            .loop()
            .offload(() ->
                providers
                    .resolve(name)
                    .map(ProxyRoutes::model)
                    .orElseThrow(() -> new GatewayException.ProviderNotFound(name)));
  }

  /// Requests without a known model share a circuit breaker.
  private static ResolvedModel model(ResolvedProvider provider) {
    return ResolvedModel.of(provider, "");
  }

  private CompletableFuture<Response> forward(
      ResolvedModel model, ProxyPath path, Request<BodyStream> request) {
    CallableProvider provider = model.first().callable();
    if (provider.transport().isPresent()) {
      throw new InvalidInputException(
          "provider",
          "must have an API, which a provider of kind %s does not"
              .formatted(provider.kind().name()));
    }
    URI url = path.in(provider.baseUrl(), provider.query(), request.rawQuery());
    MemoryBudget.Reservation reservation = memory.open();
    return body(provider, request.body(), reservation)
        .thenCompose(body -> send(model, url, body, request))
        .whenComplete((_, _) -> reservation.close());
  }

  private CompletableFuture<Response> send(
      ResolvedModel model, URI url, UpstreamRequest.Body body, Request<?> request) {
    RawRequest raw =
        new RawRequest(
            request.method(),
            url,
            ProxyHeaders.toProvider(request.headers(_ -> true), calls.labels().headerNames()),
            body);
    return calls.forwardRaw(Operation.PROXY, model, _ -> raw, OpenAiRoutes.ERRORS, request);
  }

  /// The body for the provider: the stream, or all of it if the credential signs it.
  private CompletableFuture<UpstreamRequest.Body> body(
      CallableProvider provider, BodyStream stream, MemoryBudget.Reservation reservation) {
    if (stream.length().orElse(1) == 0) {
      return CompletableFuture.completedFuture(UpstreamRequest.Body.NONE);
    }
    if (!provider.signsBody()) {
      return CompletableFuture.completedFuture(
          new UpstreamRequest.Body.Stream(stream.length(), stream));
    }
    BodyCollector collector = new BodyCollector(maxSignedBytes, reservation);
    stream.subscribe(collector);
    return collector
        .result()
        .thenApply(collected -> {
          if (!collected.isComplete()) {
            throw new GatewayException.SignedBodyTooLarge(maxSignedBytes);
          }
          return new UpstreamRequest.Body.Bytes(collected.bytes());
        });
  }
}
