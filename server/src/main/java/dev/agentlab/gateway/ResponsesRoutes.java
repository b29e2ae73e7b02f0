package dev.agentlab.gateway;

import dev.agentlab.dialects.AnsweredResponse;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.gateway.ResponseConversation.ContinuedRequest;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.memory.JsonFootprint;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlannedTarget;
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
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
            200, Object.class, GatewayProblems.MODEL_NOT_FOUND, GatewayProblems.RESPONSE_NOT_FOUND)
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
            withConversation(
                received, model, request, continued -> call(received, continued, request)));
  }

  private CompletableFuture<Response> call(
      ModelRequest received, ContinuedRequest continued, Request<?> request) {
    ResponseKeeper keeper = keeper(received, continued.model(), request);
    try {
      return calls.call(continued.model(), continued.whole(), ERRORS, request, keeper);
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
        .thenCompose(model ->
            withConversation(
                received,
                model,
                request,
                continued ->
                    calls.countTokens(
                        continued.model(), continued.whole(), "input_tokens", ERRORS, request)));
  }

  private CompletableFuture<Response> compact(Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(Operation.COMPACT_RESPONSE, request);
    return calls
        .resolve(received, request)
        .thenCompose(model -> {
          if (model.targets().stream().noneMatch(ResponsesRoutes::isNative)) {
            throw new InvalidInputException(
                "model",
                "must be a model of a provider with OpenAI's Responses API for /responses/compact");
          }
          return withConversation(
              received,
              model,
              request,
              continued -> calls.forward(continued.model(), continued.whole(), ERRORS, request));
        });
  }

  private static boolean isNative(PlannedTarget planned) {
    return ModelCalls.isNative(planned, Operation.RESPONSES);
  }

  /// Sends a request with the earlier conversation to which it refers, unless its provider has
  /// that. The conversation may be large, so that all this is done on another thread.
  private CompletableFuture<Response> withConversation(
      ModelRequest received,
      ResolvedModel model,
      Request<?> request,
      Function<ContinuedRequest, CompletableFuture<Response>> send) {
    ResponseConversation conversation = ResponseConversation.of(received);
    if (conversation.isEmpty()) {
      return send.apply(new ContinuedRequest(received, model));
    }
    return request
        .loop()
        .offload(() -> conversation.resolve(received, model, request, responses))
        .thenComposeAsync(send, Thread::startVirtualThread);
  }

  /// Keeps the response to a request, unless the client does not want it.
  ///
  /// @throws InvalidInputException if it cannot be kept
  private ResponseKeeper keeper(ModelRequest received, ResolvedModel model, Request<?> request) {
    if (received.member("store").equals(BooleanNode.FALSE)) {
      return ResponseKeeper.NONE;
    }
    Optional<String> previous = received.member("previous_response_id").stringValueOpt();
    if (model.targets().stream().allMatch(ResponsesRoutes::isNative)) {
      return new Keeper(
          responses,
          request.caller(),
          request.loop(),
          memory,
          memory.open(),
          (answered, provider) ->
              new StoredResponse(
                  answered.id(), previous, received.model(), provider, Optional.empty()));
    }
    if (!responses.limits().keepsResponses()) {
      throw new InvalidInputException(
          "store", "must be false: the service keeps no responses (responses.retention is 0)");
    }
    int length = received.length("input");
    if (length > MAX_KEPT_INPUT) {
      throw new InvalidInputException(
          "store",
          "must be false: input of more than %d bytes is not kept".formatted(MAX_KEPT_INPUT));
    }
    MemoryBudget.Reservation reservation = memory.open();
    if (!reservation.tryGrow(length)) {
      throw new UnavailableException(
          "the service has no memory left to keep the input", MEMORY_RETRY_AFTER);
    }
    String input =
        ProviderJson.MAPPER.writeValueAsString(
            ResponseConversation.inputItems(received.member("input")));
    return new Keeper(
        responses,
        request.caller(),
        request.loop(),
        memory,
        reservation,
        (answered, provider) ->
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
  /// @param memory for what is being kept
  /// @param input accounts for the input until the call has ended
  /// @param stored the row for a response of a provider
  private record Keeper(
      Responses responses,
      Caller caller,
      EventLoop loop,
      MemoryBudget memory,
      MemoryBudget.Reservation input,
      BiFunction<AnsweredResponse, String, StoredResponse> stored)
      implements ResponseKeeper {
    @Override
    public CompletableFuture<Void> keep(AnsweredResponse answered, CallTarget target) {
      return loop.<Void>offload(
              () -> {
                save(stored.apply(answered, target.provider()));
                return null;
              })
          .exceptionally(failure -> {
            LOG.warn("response {} is not kept: {}", answered.id(), failure.getMessage());
            return null;
          });
    }

    private void save(StoredResponse response) {
      try (MemoryBudget.Reservation saving = memory.open()) {
        saving.grow(
            response
                .content()
                .map(it -> JsonFootprint.ofText(it.input().length() + it.response().length()))
                .orElse(0L));
        responses.save(caller, response);
      }
    }

    @Override
    public void onCallEnd() {
      input.close();
    }
  }

  private CompletableFuture<Response> show(Request<Void> request) {
    return answer(
        request,
        found -> {
          if (request.rawQuery().contains("stream=true")) {
            throw new InvalidInputException("stream", "must be absent: the response has ended");
          }
          return Response.rawJson(found.response().getBytes(StandardCharsets.UTF_8));
        },
        found -> forward(found, "", request));
  }

  private CompletableFuture<Response> delete(Request<Void> request) {
    String id = request.path(ID);
    return answer(
        request,
        _ -> {
          boolean _ = responses.delete(request.caller(), id);
          return Response.ok(Map.of("id", id, "object", "response", "deleted", true));
        },
        found ->
            forward(found, "", request)
                .thenCompose(response ->
                    response.status() == 200
                        ? forget(id, request).thenApply(_ -> response)
                        : CompletableFuture.completedFuture(response)));
  }

  /// Deletes a response here that its provider has deleted. A failure does no harm: it expires.
  private CompletableFuture<Void> forget(String id, Request<?> request) {
    return request
        .loop()
        .<Void>offload(() -> {
          boolean _ = responses.delete(request.caller(), id);
          return null;
        })
        .exceptionally(failure -> {
          LOG.warn("response {} is not deleted: {}", id, failure.getMessage());
          return null;
        });
  }

  private CompletableFuture<Response> cancel(Request<Void> request) {
    return answer(
        request,
        _ -> {
          throw new InvalidInputException(
              "id", "must be the id of a response in the background, which has not ended");
        },
        found -> forward(found, "/cancel", request));
  }

  private CompletableFuture<Response> listInput(Request<Void> request) {
    InputItemsPage page = InputItemsPage.of(request);
    String id = request.path(ID);
    return answer(
        request,
        found ->
            Response.rawJson(
                ProviderJson.MAPPER.writeValueAsBytes(
                    page.of(id, ProviderJson.MAPPER.readTree(found.input())))),
        found -> forward(found, "/input_items", request));
  }

  /// A response of the caller, and what the service answers about it.
  ///
  /// @param answer empty if its provider keeps the response
  private record Found(StoredResponse stored, Optional<Response> answer) {}

  /// Answers a request about a response of the caller.
  ///
  /// @param read answers from the content, which may be large
  /// @param forward lets the provider answer that keeps the response
  private CompletableFuture<Response> answer(
      Request<?> request,
      Function<StoredResponse.Content, Response> read,
      Function<StoredResponse, CompletableFuture<Response>> forward) {
    String id = request.path(ID);
    return request
        .loop()
        .offload(() -> {
          StoredResponse found =
              responses
                  .find(request.caller(), id, ResponseConversation.reserveText(request))
                  .orElseThrow(() -> new GatewayException.ResponseNotFound(id));
          return new Found(found, found.content().map(read));
        })
        .thenCompose(found ->
            found
                .answer()
                .map(response ->
                    CompletableFuture.completedFuture(
                        response
                            .withHeaders(ERRORS.requestIdHeaders(request.id()))
                            .withHeaders(GatewayHeaders.of(request))))
                .orElseGet(() -> forward.apply(found.stored())));
  }

  /// Forwards a request to the provider that keeps the response.
  ///
  /// @param suffix the path after that of the response
  private CompletableFuture<Response> forward(
      StoredResponse found, String suffix, Request<?> request) {
    return calls
        .resolve(found.model(), request)
        .thenCompose(model -> {
          ResolvedModel keeping =
              model
                  .only(it -> isNative(it) && it.target().provider().equals(found.provider()))
                  .orElseThrow(() -> new GatewayException.ResponseNotFound(found.id()));
          return calls.forwardRaw(
              Operation.RESPONSES,
              keeping,
              target -> rawRequest(target, found.id(), suffix, request),
              ERRORS,
              request);
        });
  }

  private static RawRequest rawRequest(
      CallTarget target, String id, String suffix, Request<?> request) {
    URI url =
        new ProxyPath("responses/" + PercentEncoding.encode(id) + suffix)
            .in(target.callable().baseUrl(), target.callable().query(), request.rawQuery());
    return new RawRequest(
        request.method(),
        url,
        request.headers(VendorHeaders::passesToProvider),
        UpstreamRequest.Body.NONE);
  }
}
