package dev.agentlab.gateway;

import dev.agentlab.agents.Agents;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.providers.Providers;
import dev.agentlab.security.Scope;
import java.util.List;

/// The gateway: OpenAI's API for every provider and agent.
///
/// @param memory for request bodies
/// @param maxBodyBytes maximum size of a request body
public record GatewayFeature(
    Agents agents,
    AgentModels agentModels,
    Providers providers,
    ModelCatalog catalog,
    ChangeFeed changes,
    ModelClient modelClient,
    MemoryBudget memory,
    int maxBodyBytes)
    implements Feature {
  public static final List<Scope> SCOPES = List.of(Scope.INVOKE, Scope.PROXY);

  @Override
  public List<RouteGroup> routes() {
    ProviderModels models = new ProviderModels(providers, catalog);
    ModelListing listing = new ModelListing(agents, models);
    ModelDirectory directory = new ModelDirectory(agentModels, providers, models, listing, changes);
    NativeRoutes forwarded = new NativeRoutes(directory, modelClient, memory, maxBodyBytes);
    OpenAiRoutes openAi =
        new OpenAiRoutes(directory, listing, modelClient, forwarded, maxBodyBytes);
    ProxyRoutes proxy = new ProxyRoutes(providers, modelClient, memory, maxBodyBytes);
    return List.of(
        openAi.group("/v1"),
        forwarded.group("/v1"),
        openAi.group(""),
        forwarded.group(""),
        proxy.group());
  }
}
