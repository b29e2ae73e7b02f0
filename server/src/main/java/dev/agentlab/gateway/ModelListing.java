package dev.agentlab.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.agentlab.agents.AgentEntry;
import dev.agentlab.agents.Agents;
import dev.agentlab.kinds.Model;
import dev.agentlab.providers.ProviderEntry;
import dev.agentlab.routing.ModelRouteEntry;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The list of the models that a caller may use: routes and agents by name, and the models of
/// providers as `provider/model`. Thread-safe; the methods block.
final class ModelListing {
  private static final int MAX_ROUTES = 10_000;
  private static final int MAX_AGENTS = 10_000;

  /// How long lists of models that have never been read are awaited.
  private static final Duration LIST_WAIT = Duration.ofSeconds(3);

  private static final String OWNER = "agent-lab";

  private final ModelRoutes routes;
  private final Agents agents;
  private final ProviderModels models;

  ModelListing(ModelRoutes routes, Agents agents, ProviderModels models) {
    this.routes = routes;
    this.agents = agents;
    this.models = models;
  }

  /// A model in OpenAI's list (https://platform.openai.com/docs/api-reference/models/object), with
  /// additional members where they are known.
  ///
  /// @param id the name for clients
  /// @param object always `model`
  /// @param kind `route`, `agent`, or `model` for the model of a provider
  /// @param created in seconds since 1970
  /// @param ownedBy the owner that the provider names, or the provider; `agent-lab` for a route and
  ///   an agent
  /// @param contextLength maximum number of tokens of a conversation
  /// @param maxOutputTokens maximum number of tokens of a response
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record ListedModel(
      String id,
      String object,
      String kind,
      long created,
      String ownedBy,
      Optional<String> displayName,
      Optional<Long> contextLength,
      Optional<Long> maxOutputTokens,
      Optional<List<String>> inputModalities,
      Optional<List<String>> outputModalities) {

    static ListedModel of(ModelRouteEntry route) {
      return new ListedModel(
          route.name(),
          "model",
          "route",
          route.createdAt().getEpochSecond(),
          OWNER,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    /// @param model what is known of the model that the agent calls
    static ListedModel of(AgentEntry agent, Optional<Model> model) {
      return new ListedModel(
          agent.name(),
          "model",
          "agent",
          agent.createdAt().getEpochSecond(),
          OWNER,
          Optional.empty(),
          model.flatMap(Model::contextLength),
          model.flatMap(Model::maxOutputTokens),
          model.flatMap(Model::inputModalities),
          model.flatMap(Model::outputModalities));
    }

    static ListedModel of(ProviderEntry provider, Model model) {
      return new ListedModel(
          provider.name() + "/" + model.id(),
          "model",
          "model",
          model.created().orElseGet(() -> provider.createdAt().getEpochSecond()),
          model.ownedBy().orElseGet(provider::name),
          model.displayName(),
          model.contextLength(),
          model.maxOutputTokens(),
          model.inputModalities(),
          model.outputModalities());
    }
  }

  /// The models that a caller may use: routes, then agents.
  List<ListedModel> list(GrantSet grants) {
    return list(grants, LIST_WAIT);
  }

  private List<ListedModel> list(GrantSet grants, Duration wait) {
    Map<ProviderEntry, List<Model>> byProvider = models.models(models.entries(), wait);
    Map<UUID, Map<String, Model>> known = new HashMap<>();
    byProvider.forEach((provider, selected) -> known.put(provider.id(), byId(selected)));
    List<ListedModel> all = new ArrayList<>();
    routes(grants).stream().map(ListedModel::of).forEach(all::add);
    agents(grants).stream()
        .filter(agent -> grants.allowsAgent(agent.id()))
        .map(agent ->
            ListedModel.of(
                agent,
                agent
                    .provider()
                    .flatMap(provider -> Optional.ofNullable(known.get(provider)))
                    .flatMap(selected -> Optional.ofNullable(selected.get(agent.model())))))
        .forEach(all::add);
    byProvider.forEach((provider, selected) ->
        selected.stream()
            // A name with a slash cannot be distinguished from the name of the model.
            .filter(_ -> provider.name().indexOf('/') < 0)
            .filter(model -> grants.allowsModel(provider.name(), model.id()))
            .map(model -> ListedModel.of(provider, model))
            .forEach(all::add));
    return all;
  }

  private static Map<String, Model> byId(List<Model> models) {
    Map<String, Model> byId = HashMap.newHashMap(models.size());
    models.forEach(model -> byId.put(model.id(), model));
    return byId;
  }

  private List<ModelRouteEntry> routes(GrantSet grants) {
    return grants.allows(Scope.INVOKE) ? routes.list(MAX_ROUTES) : routes.list(grants.routes());
  }

  private List<AgentEntry> agents(GrantSet grants) {
    return grants.allows(Scope.INVOKE) ? agents.list(MAX_AGENTS) : agents.list(grants.agents());
  }

  /// The model with a name.
  ///
  /// @throws GatewayException.ModelNotFound if the caller may use none with this name
  ListedModel find(String name, GrantSet grants) {
    List<ListedModel> all = list(grants, LIST_WAIT);
    return all.stream()
        .filter(model -> model.id().equals(name))
        .findFirst()
        .or(() ->
            models
                .findByModel(name)
                .map(provider -> provider.name() + "/" + name)
                .flatMap(id -> all.stream().filter(model -> model.id().equals(id)).findFirst()))
        .orElseThrow(() -> new GatewayException.ModelNotFound(name, ""));
  }

  /// The names in the list, as far as they are in memory.
  List<String> knownNames(GrantSet grants) {
    return list(grants, Duration.ZERO).stream().map(ListedModel::id).toList();
  }
}
