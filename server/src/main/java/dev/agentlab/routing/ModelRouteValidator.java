package dev.agentlab.routing;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.NameRule;
import dev.agentlab.errors.Warnings;
import dev.agentlab.resources.ModelNames;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Validates model routes in requests: name, size and configuration, and warns about a model that
/// its provider does not list and about a name that is also that of an agent or of a model. Looks
/// up providers and agents, and must not be used within a transaction.
///
/// The methods throw [dev.agentlab.errors.InvalidInputException] with all errors.
record ModelRouteValidator(TargetLookup targets) {

  /// The configuration of a new or replaced route.
  ///
  /// @param replaced the route that is replaced
  /// @param warnings receives the warnings for the caller
  ModelRouteConfig validate(
      ModelRouteInput input, Optional<ModelRouteRow> replaced, Warnings warnings) {
    ModelRouteConfig config =
        NameRule.validate(
            input.name(),
            replaced.map(ModelRouteRow::name),
            () -> {
              ModelRoutes.CONFIG_SIZE.validate(input.config().json());
              return ModelRouteConfigParser.parseInput(input.config().json(), targets, warnings);
            });
    if (replaced.filter(old -> old.name().equals(input.name())).isEmpty()) {
      warnAboutName(input.name(), warnings);
    }
    warnAboutModels(config, replaced, warnings);
    return config;
  }

  /// Validates the configuration of a new route that is not stored.
  void validateCandidate(ModelRouteConfigInput config) {
    var _ = ModelRouteConfigParser.parseInput(config.json(), targets, new Warnings());
  }

  private void warnAboutName(String name, Warnings warnings) {
    targets
        .findAgentId(name)
        .ifPresent(_ ->
            warnings.add(
                "name",
                ("is \"%s\", which is also the name of an agent: clients of /v1 that request it get"
                        + " this route")
                    .formatted(Excerpt.of(name))));
    targets
        .findProviderOfModel(name)
        .ifPresent(provider ->
            warnings.add(
                "name",
                ("is \"%s\", which is also a model of the provider \"%s\": clients of /v1 that"
                        + " request it get this route")
                    .formatted(Excerpt.of(name), Excerpt.of(provider))));
  }

  /// Warns about the models of targets that the replaced route does not have.
  private void warnAboutModels(
      ModelRouteConfig config, Optional<ModelRouteRow> replaced, Warnings warnings) {
    Set<RouteDestination> known =
        replaced
            .map(row -> ModelRouteConfigParser.parseStored(row.config()).targets())
            .orElse(List.of())
            .stream()
            .map(RouteTarget::destination)
            .collect(Collectors.toSet());
    for (int i = 0; i < config.targets().size(); i++) {
      RouteDestination destination = config.targets().get(i).destination();
      if (destination instanceof RouteDestination.ProviderModel(var provider, var model)
          && !known.contains(destination)) {
        String field = "config.targets[%d].model".formatted(i);
        targets
            .listModels(provider)
            .flatMap(listed -> ModelNames.unlistedWarning(model, listed))
            .ifPresent(warning -> warnings.add(field, warning));
      }
    }
  }
}
