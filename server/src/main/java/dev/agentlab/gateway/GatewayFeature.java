package dev.agentlab.gateway;

import dev.agentlab.agents.Agents;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.providers.Providers;
import dev.agentlab.responses.Responses;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.routing.RoutePlanner;
import dev.agentlab.security.Scope;
import java.util.List;

/// The gateway: the APIs of OpenAI, Anthropic and Google for every provider and agent.
///
/// @param labels the header fields with labels of calls
/// @param memory for request bodies
/// @param maxBodyBytes maximum size of a request body
public record GatewayFeature(
    ModelRoutes modelRoutes,
    RoutePlanner routePlanner,
    Agents agents,
    AgentModels agentModels,
    Providers providers,
    ModelCatalog catalog,
    ChangeFeed changes,
    ModelClient modelClient,
    Responses responses,
    LabelHeaders labels,
    MemoryBudget memory,
    int maxBodyBytes)
    implements Feature {
  public static final List<Scope> SCOPES = List.of(Scope.INVOKE, Scope.PROXY);

  @Override
  public List<RouteGroup> routes() {
    ProviderModels models = new ProviderModels(providers, catalog);
    ModelListing listing = new ModelListing(modelRoutes, agents, models);
    ModelDirectory directory =
        new ModelDirectory(routePlanner, agentModels, providers, models, listing, changes);
    RequestLabels requestLabels = new RequestLabels(labels);
    ModelCalls calls = new ModelCalls(directory, modelClient, requestLabels);
    OpenAiRoutes openAi = new OpenAiRoutes(calls, maxBodyBytes);
    ModelListRoutes modelLists = new ModelListRoutes(listing);
    NativeRoutes forwarded = new NativeRoutes(calls, memory, maxBodyBytes);
    AnthropicRoutes anthropic = new AnthropicRoutes(calls, maxBodyBytes);
    GeminiRoutes gemini = new GeminiRoutes(calls, maxBodyBytes);
    ResponsesRoutes responsesApi = new ResponsesRoutes(calls, responses, memory, maxBodyBytes);
    RouteExplainRoutes explanations =
        new RouteExplainRoutes(
            modelRoutes, routePlanner, requestLabels.sessions(), responses, modelClient);
    ProxyRoutes proxy = new ProxyRoutes(providers, calls, memory, maxBodyBytes);
    return List.of(
        openAi.group("/v1"),
        responsesApi.group("/v1"),
        forwarded.group("/v1"),
        openAi.group(""),
        responsesApi.group(""),
        forwarded.group(""),
        modelLists.group("/v1"),
        anthropic.group("/v1"),
        gemini.group("/v1"),
        modelLists.group(GeminiRoutes.PREFIX),
        gemini.group(GeminiRoutes.PREFIX),
        modelLists.group(""),
        anthropic.group(""),
        anthropic.probes(),
        proxy.group(),
        explanations.group());
  }
}
