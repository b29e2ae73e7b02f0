package dev.agentlab.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ScopeParserTest {
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");
  private static final UUID ROUTE = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");
  private static final List<String> NAMES = List.of("helper", "team/helper", "provider/openai");

  private final ScopeParser parser =
      new ScopeParser(
          new GrantableScopes(List.of(Scope.INVOKE, Scope.PROXY)),
          ScopeParserTest::findId,
          ScopeParserTest::findRoute);

  private static Optional<UUID> findId(IdOrName agent) {
    return switch (agent) {
      case IdOrName.Id(UUID id) -> Optional.of(id).filter(AGENT::equals);
      case IdOrName.Name(String name) ->
          NAMES.contains(name) ? Optional.of(AGENT) : Optional.empty();
    };
  }

  private static Optional<UUID> findRoute(IdOrName route) {
    return switch (route) {
      case IdOrName.Id(UUID id) -> Optional.of(id).filter(ROUTE::equals);
      case IdOrName.Name(String name) ->
          name.equals("team/smart") ? Optional.of(ROUTE) : Optional.empty();
    };
  }

  private List<String> parse(String... texts) {
    return parser.parse(List.of(texts)).texts();
  }

  @Test
  void agentIsReplacedByItsId() {
    for (String agent : List.of("helper", "team/helper", AGENT.toString())) {
      assertThat(parse("invoke:" + agent, "invoke:agent/" + agent))
          .containsExactly("invoke:" + AGENT);
    }
  }

  @Test
  void routeIsReplacedByItsId() {
    assertThat(parse("invoke:route/team/smart", "invoke:route/" + ROUTE))
        .containsExactly("invoke:route/" + ROUTE);
    assertThatThrownBy(() -> parse("invoke:route/absent"))
        .hasMessageContaining("no route has the id or name \"absent\"");
  }

  @Test
  void agentNamedLikeAnotherFormNeedsThePrefix() {
    assertThat(parse("invoke:provider/openai")).containsExactly("invoke:provider/openai");
    assertThat(parse("invoke:agent/provider/openai")).containsExactly("invoke:" + AGENT);
  }

  @Test
  void unregisteredProviderIsAccepted() {
    assertThat(parse("invoke:provider/later", "invoke:model/later/*", "proxy:later"))
        .containsExactly("invoke:model/later/*", "invoke:provider/later", "proxy:later");
  }

  @Test
  void everyErrorNamesItsFieldAndTheAcceptedForms() {
    assertThatThrownBy(() -> parse("invoke", "invoke:absent", "invoke:model/p", "prox"))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e ->
                assertThat(e.errors().stream().map(Object::toString))
                    .satisfiesExactly(
                        agent ->
                            assertThat(agent)
                                .startsWith("scopes[1]: no agent has the id or name \"absent\"")
                                .contains("invoke:provider/<provider name>"),
                        model ->
                            assertThat(model)
                                .startsWith("scopes[2]: must have the form invoke:model/<provider"),
                        scope ->
                            assertThat(scope)
                                .startsWith("scopes[3]: is not a scope: \"prox\"")
                                .endsWith("did you mean proxy?")));
  }

  @Test
  void numberOfScopesIsLimited() {
    for (int size : List.of(0, 201)) {
      assertThatThrownBy(() -> parser.parse(Collections.nCopies(size, "invoke")))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("scopes: must have 1 to 200 scopes, had " + size);
    }
  }
}
