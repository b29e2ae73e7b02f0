package dev.agentlab.gateway;

import dev.agentlab.dialects.AnsweredResponse;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.RawRequest;
import dev.agentlab.modelclient.ResponseKeeper;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.responses.Responses;
import dev.agentlab.responses.StoredResponse;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Scope;
import dev.agentlab.upstream.UpstreamRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/// OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses), for every
/// registered provider and agent. A provider that has the API itself keeps its responses, and the
/// service keeps those of all others.
final class ResponsesRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(ResponsesRoutes.class);

  private static final ClientErrors ERRORS = new ResponsesErrors();

  private static final Param<String> ID = Param.pathText("id", "The id of the response.");

  /// The maximum size of the input that is kept with a response.
  private static final int MAX_KEPT_INPUT = 16 << 20;

  private static final Duration MEMORY_RETRY_AFTER = Duration.ofSeconds(1);

  private final ModelCalls calls;
  private final Responses responses;
  private final MemoryBudget memory;
  private final int maxBodyBytes;

  /// @param memory for the input of responses that will be kept
  /// @param maxBodyBytes maximum size of a request body
  ResponsesRoutes(ModelCalls calls, Responses responses, MemoryBudget memory, int maxBodyBytes) {
    this.calls = calls;
    this.responses = responses;
    this.memory = memory;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "Responses",
        "OpenAI's Responses API.",
        OpenAiRoutes.CONVENTIONS,
        GatewayProblems::of,
        List.of(
            create("/responses", "Create a response", this::create),
            create("/responses/input_tokens", "Count the input tokens", this::countTokens),
            create("/responses/compact", "Shorten a conversation", this::compact),
            Route.get("/responses", "Refuse a WebSocket")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .returns(200, Object.class, GatewayProblems.UPGRADE_REFUSED)
                .handledBy(_ -> {
                  throw new GatewayException.UpgradeRefused();
                }),
            ofResponse(Route.get("/responses/{id}", "Get a response"), this::show),
            ofResponse(Route.delete("/responses/{id}", "Delete a response"), this::delete),
            ofResponse(Route.post("/responses/{id}/cancel", "Cancel a response"), this::cancel),
            ofResponse(
                Route.get("/responses/{id}/input_items", "List the input of a response"),
                this::listInput,
                InputItemsPage.parameters())));
  }

  private Route create(
      String path, String summary, Function<Request<byte[]>, CompletableFuture<Response>> handler) {
    return Route.post(path, summary)
        .requires(Scope.INVOKE)
        .checkingTarget()
        .acceptsJsonBytes(maxBodyBytes)
        .returns(
            200,
            Object.class,
            GatewayProblems.MODEL_NOT_FOUND,
            GatewayProblems.RESPONSE_NOT_FOUND)
        .handledOnLoopBy(handler);
  }

  private static Route ofResponse(
      Route.ScopeStage route,
      Function<Request<Void>, CompletableFuture<Response>> handler,
      Param<?>... parameters) {
    return route
        .requires(Scope.INVOKE)
        .checkingTarget()
        .parameters(ID)
        .parameters(parameters)
        .returns(200, Object.class, GatewayProblems.RESPONSE_NOT_FOUND)
        .handledOnLoopBy(handler);
  }

  private CompletableFuture<Response> create(Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(Operation.RESPONSES, request);
    return calls
        .resolve(received, request)
        .thenCompose(model ->
            withConversation(received, model, request)
                .thenCompose(whole -> call(received, whole, model, request)));
  }

  private CompletableFuture<Response> call(
      ModelRequest received, ModelRequest whole, ResolvedModel model, Request<?> request) {
    ResponseKeeper keeper = keeper(received, model, request);
    try {
      return calls.call(model, whole, ERRORS, request, keeper);
    } catch (RuntimeException e) {
      // There was no call.
      keeper.onCallEnd();
      throw e;
    }
  }

  private CompletableFuture<Response> countTokens(Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(Operation.COUNT_RESPONSE_TOKENS, request);
    return calls
        .resolve(received, request)
        .thenCompose(model -> withConversation(received, model, request))
        .thenCompose(whole -> calls.countTokens(whole, "input_tokens", ERRORS, request));
  }

  private CompletableFuture<Response> compact(Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(Operation.COMPACT_RESPONSE, request);
    return calls
        .resolve(received, request)
        .thenCompose(model -> {
          if (!isNative(model)) {
            throw new InvalidInputException(
                "model",
                "must be a model of a provider with OpenAI's Responses API for /responses/compact");
          }
          return withConversation(received, model, request)
              .thenCompose(whole ->
                  calls.forward(
                      Operation.COMPACT_RESPONSE,
                      model.target(),
                      NativeRoutes.body(whole, model.target()),
                      ERRORS,
                      request));
        });
  }

  private static boolean isNative(ResolvedModel model) {
    return model.target().callable().dialect().isNative(Operation.RESPONSES);
  }

  /// The request with the earlier conversation to which it refers, unless its provider has that.
  private CompletableFuture<ModelRequest> withConversation(
      ModelRequest received, ResolvedModel model, Request<?> request) {
    ResponseConversation conversation = ResponseConversation.of(received);
    if (conversation.isEmpty()) {
      return CompletableFuture.completedFuture(received);
    }
    Optional<String> provider =
        isNative(model) ? Optional.of(model.target().provider()) : Optional.empty();
    return request
        .loop()
        .offload(() -> conversation.resolve(received, request.caller(), provider, responses));
  }

  /// Keeps the response to a request, unless the client does not want it.
  ///
  /// @throws InvalidInputException if it cannot be kept
  private ResponseKeeper keeper(ModelRequest received, ResolvedModel model, Request<?> request) {
    if (received.member("store").equals(BooleanNode.FALSE)) {
      return ResponseKeeper.NONE;
    }
    Optional<String> previous = received.member("previous_response_id").stringValueOpt();
    String provider = model.target().provider();
    if (isNative(model)) {
      return new Keeper(
          responses,
          request.caller(),
          request.loop(),
          memory.open(),
          answered ->
              new StoredResponse(
                  answered.id(), previous, received.model(), provider, Optional.empty()));
    }
    if (!responses.limits().keepsResponses()) {
      throw new InvalidInputException(
          "store", "must be false: the service keeps no responses (responses.retention is 0)");
    }
    String input =
        Json.MAPPER.writeValueAsString(ResponseConversation.inputItems(received.member("input")));
    if (input.length() > MAX_KEPT_INPUT) {
      throw new InvalidInputException(
          "store",
          "must be false: input of more than %d characters is not kept".formatted(MAX_KEPT_INPUT));
    }
    MemoryBudget.Reservation reservation = memory.open();
    if (!reservation.tryGrow(input.length())) {
      reservation.close();
      throw new UnavailableException(
          "the service has no memory left to keep the input", MEMORY_RETRY_AFTER);
    }
    return new Keeper(
        responses,
        request.caller(),
        request.loop(),
        reservation,
        answered ->
            new StoredResponse(
                answered.id(),
                previous,
                received.model(),
                provider,
                answered
                    .json()
                    .map(json ->
                        new StoredResponse.Content(
                            input, new String(json, StandardCharsets.UTF_8)))));
  }

  /// Keeps a response for its caller. If it cannot be kept, the client still receives it.
  ///
  /// @param reservation accounts for what is kept in memory until the call has ended
  private record Keeper(
      Responses responses,
      Caller caller,
      EventLoop loop,
      MemoryBudget.Reservation reservation,
      Function<AnsweredResponse, StoredResponse> stored)
      implements ResponseKeeper {
    @Override
    public CompletableFuture<Void> keep(AnsweredResponse response) {
      return loop.<Void>offload(() -> {
            responses.save(caller, stored.apply(response));
            return null;
          })
          .exceptionally(failure -> {
            LOG.warn("response {} is not kept: {}", response.id(), failure.getMessage());
            return null;
          });
    }

    @Override
    public void onCallEnd() {
      reservation.close();
    }
  }

  /// Finds a response of the caller.
  private CompletableFuture<StoredResponse> find(Request<?> request, String id) {
    return request
        .loop()
        .offload(() ->
            Optional.ofNullable(responses.find(request.caller(), List.of(id)).get(id))
                .orElseThrow(() -> new GatewayException.ResponseNotFound(id)));
  }

  private CompletableFuture<Response> show(Request<Void> request) {
    return find(request, request.path(ID))
        .thenCompose(found ->
            found
                .content()
                .map(content -> {
                  if (request.rawQuery().contains("stream=true")) {
                    throw new InvalidInputException(
                        "stream", "must be absent: the response has ended");
                  }
                  return kept(
                      Response.rawJson(content.response().getBytes(StandardCharsets.UTF_8)),
                      request);
                })
                .orElseGet(() -> forward(found, "", request)));
  }

  private CompletableFuture<Response> delete(Request<Void> request) {
    String id = request.path(ID);
    return find(request, id)
        .thenCompose(found ->
            found
                .content()
                .map(_ ->
                    kept(
                        Response.ok(
                            Map.of("id", id, "object", "response", "deleted", true)),
                        request))
                .orElseGet(() -> forward(found, "", request)))
        .thenCompose(response ->
            response.status() == 200
                ? request
                    .loop()
                    .offload(() -> {
                      boolean _ = responses.delete(request.caller(), id);
                      return response;
                    })
                : CompletableFuture.completedFuture(response));
  }

  private CompletableFuture<Response> cancel(Request<Void> request) {
    return find(request, request.path(ID))
        .thenCompose(found -> {
          if (found.content().isPresent()) {
            throw new InvalidInputException(
                "id", "must be the id of a response in the background, which has not ended");
          }
          return forward(found, "/cancel", request);
        });
  }

  private CompletableFuture<Response> listInput(Request<Void> request) {
    InputItemsPage page = InputItemsPage.of(request);
    return find(request, request.path(ID))
        .thenCompose(found ->
            found
                .content()
                .map(content -> {
                  JsonNode items = Json.MAPPER.readTree(content.input());
                  return kept(Response.ok(page.of(found.id(), items)), request);
                })
                .orElseGet(() -> forward(found, "/input_items", request)));
  }

  private static CompletableFuture<Response> kept(Response response, Request<?> request) {
    return CompletableFuture.completedFuture(
        response
            .withHeaders(ERRORS.requestIdHeaders(request.id()))
            .withHeaders(GatewayHeaders.of(request)));
  }

  /// Forwards a request to the provider that keeps the response.
  ///
  /// @param suffix the path after that of the response
  private CompletableFuture<Response> forward(
      StoredResponse found, String suffix, Request<?> request) {
    return calls
        .resolve(found.model(), request)
        .thenCompose(model -> {
          CallTarget target = model.target();
          if (!target.provider().equals(found.provider()) || !isNative(model)) {
            throw new GatewayException.ResponseNotFound(found.id());
          }
          URI url =
              new ProxyPath("responses/" + PercentEncoding.encode(found.id()) + suffix)
                  .in(target.callable().baseUrl(), target.callable().query(), request.rawQuery());
          RawRequest raw =
              new RawRequest(
                  Operation.RESPONSES,
                  request.method(),
                  url,
                  request.headers(VendorHeaders::passesToProvider),
                  UpstreamRequest.Body.NONE);
          return calls.forward(raw, model, ERRORS, request);
        });
  }
}
