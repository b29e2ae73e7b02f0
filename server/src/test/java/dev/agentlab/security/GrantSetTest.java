package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantSetTest {
  private static final Scope READ = new Scope("providers:read");
  private static final Scope WRITE = new Scope("providers:write");
  private static final GrantableScopes SCOPES =
      new GrantableScopes(List.of(READ, WRITE, Scope.INVOKE, Scope.PROXY));
  private static final UUID AGENT = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000a");
  private static final UUID OTHER = UUID.fromString("0189e3c1-7a40-7000-8000-00000000000b");

  @Test
  void everyGrantCanBeParsedFromItsText() {
    for (String text : SCOPES.allGrants().texts()) {
      assertThat(SCOPES.parse("scopes", text)).hasToString(text);
    }
    assertThat(SCOPES.parse("scopes", "invoke:" + AGENT)).isEqualTo(Grant.invoke(AGENT));
  }

  @Test
  void unknownScopeIsRejectedWithTheAcceptedOnes() {
    assertThatThrownBy(() -> SCOPES.parse("scopes[0]", "providers:all"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("scopes[0]")
        .hasMessageContaining("providers:all")
        .hasMessageContaining("providers:read")
        .hasMessageContaining("invoke:<agent name or id>")
        .hasMessageNotContaining("open");
  }

  @Test
  void agentGrantRequiresAnAgentId() {
    for (String id : new String[] {"", "helper", "1-1-1-1-1", "*"}) {
      assertThatThrownBy(() -> SCOPES.parse("scopes[0]", "invoke:" + id))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("id of an agent");
    }
  }

  private static GrantSet grants(String... texts) {
    return GrantSet.of(Stream.of(texts).map(text -> SCOPES.parse("scopes", text)).toList());
  }

  @Test
  void grantForOneAgentAllowsNothingElse() {
    GrantSet one = grants("invoke:" + AGENT);
    assertThat(one.allowsAgent(AGENT)).isTrue();
    assertThat(one.allowsSomeAgent()).isTrue();
    assertThat(one.allowsInPart(Scope.INVOKE)).isTrue();
    assertThat(one.allowsAgent(OTHER)).isFalse();
    assertThat(one.allows(Scope.INVOKE)).isFalse();
    assertThat(one.allowsModel("openai", "gpt-4o")).isFalse();
    assertThat(one.allowsProxy("openai")).isFalse();
  }

  @Test
  void grantForOneRouteAllowsNothingElse() {
    GrantSet one = grants("invoke:route/" + AGENT);
    assertThat(one.allowsRoute(AGENT)).isTrue();
    assertThat(one.routes()).containsExactly(AGENT);
    assertThat(one.allowsInPart(Scope.INVOKE)).isTrue();
    assertThat(one.allowsRoute(OTHER)).isFalse();
    assertThat(one.allows(Scope.INVOKE)).isFalse();
    assertThat(one.allowsAgent(AGENT)).isFalse();
    assertThat(one.agents()).isEmpty();
    assertThat(one.allowsModel("openai", "gpt-4o")).isFalse();
  }

  @Test
  void routeNeedsAnUnrestrictedGrantOrItsOwn() {
    assertThat(grants("invoke").allowsRoute(AGENT)).isTrue();
    for (String other :
        List.of("invoke:" + AGENT, "invoke:provider/openai", "invoke:model/openai/*", "proxy")) {
      assertThat(grants(other).allowsRoute(AGENT)).as(other).isFalse();
      assertThat(grants(other).routes()).as(other).isEmpty();
    }
  }

  @Test
  void grantForProviderAllowsAllOfItsModelsAndNothingElse() {
    GrantSet grants = grants("invoke:provider/openai");
    assertThat(grants.allowsModel("openai", "gpt-4o")).isTrue();
    assertThat(grants.allowsModel("openai", "")).isTrue();
    assertThat(grants.allowsInPart(Scope.INVOKE)).isTrue();
    assertThat(grants.allowsModel("OpenAI", "gpt-4o")).isFalse();
    assertThat(grants.allows(Scope.INVOKE)).isFalse();
    assertThat(grants.allowsAgent(AGENT)).isFalse();
    assertThat(grants.allowsSomeAgent()).isFalse();
    assertThat(grants.allowsProxy("openai")).isFalse();
    assertThat(grants.allowsInPart(Scope.PROXY)).isFalse();
  }

  @Test
  void grantForModelsAllowsMatchingModelsOfThatProvider() {
    GrantSet grants = grants("invoke:model/openai/gpt-4*", "invoke:model/local/llama3.2:latest");
    assertThat(grants.allowsModel("openai", "gpt-4o")).isTrue();
    assertThat(grants.allowsModel("local", "llama3.2:latest")).isTrue();
    assertThat(grants.allowsModel("openai", "gpt-5")).isFalse();
    assertThat(grants.allowsModel("local", "gpt-4o")).isFalse();
    assertThat(grants.allowsSomeAgent()).isFalse();
  }

  @Test
  void unrestrictedInvokeAllowsEveryAgentAndModelButNoRawApi() {
    GrantSet grants = grants("invoke");
    assertThat(grants.allowsAgent(AGENT)).isTrue();
    assertThat(grants.allowsModel("openai", "gpt-4o")).isTrue();
    assertThat(grants.allowsProxy("openai")).isFalse();
  }

  @Test
  void proxyAllowsTheRawApiOfEveryOrOneProviderOnly() {
    assertThat(grants("proxy").allowsProxy("openai")).isTrue();
    assertThat(grants("proxy").allows(Scope.PROXY)).isTrue();
    assertThat(grants("proxy").allowsModel("openai", "gpt-4o")).isFalse();
    GrantSet one = grants("proxy:openai");
    assertThat(one.allowsProxy("openai")).isTrue();
    assertThat(one.allowsProxy("local")).isFalse();
    assertThat(one.allows(Scope.PROXY)).isFalse();
    assertThat(one.allowsInPart(Scope.PROXY)).isTrue();
    assertThat(one.allowsModel("openai", "gpt-4o")).isFalse();
  }

  @Test
  void grantsAllowOnlyTheirAndUngrantableScopes() {
    GrantSet reader = new GrantSet(Set.of(Grant.of(READ)));
    assertThat(reader.allows(READ)).isTrue();
    for (Scope open : List.of(Scope.PUBLIC, Scope.AUTHENTICATED)) {
      assertThat(reader.allows(open)).isTrue();
      assertThat(reader.allowsInPart(open)).isTrue();
    }
    assertThat(reader.allows(WRITE)).isFalse();
    assertThat(reader.allowsInPart(WRITE)).isFalse();
    assertThat(GrantSet.NONE.allows(READ)).isFalse();
    assertThat(SCOPES.all()).allMatch(SCOPES.allGrants()::allows);
  }

  @Test
  void openScopesAreNotGrantable() {
    assertThatThrownBy(() -> new GrantableScopes(List.of(READ, Scope.PUBLIC)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("open");
  }

  @Test
  void widerGrantsCoverNarrowerOnesButNotViceVersa() {
    GrantSet any = new GrantSet(Set.of(Grant.of(Scope.INVOKE)));
    GrantSet one = new GrantSet(Set.of(Grant.invoke(AGENT)));
    assertThat(any.covers(one)).isTrue();
    assertThat(one.covers(any)).isFalse();
    assertThat(one.covers(new GrantSet(Set.of(Grant.invoke(OTHER))))).isFalse();
    assertThat(SCOPES.allGrants().covers(any)).isTrue();
    assertThat(any.covers(SCOPES.allGrants())).isFalse();
    assertThat(any.covers(GrantSet.NONE)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "invoke, invoke:provider/p",
    "invoke, invoke:route/0189e3c1-7a40-7000-8000-00000000000a",
    "invoke, invoke:model/p/*",
    "invoke:provider/p, invoke:provider/p",
    "invoke:provider/p, invoke:model/p/*",
    "invoke:provider/p, invoke:model/p/gpt-4o",
    "invoke:model/p/gpt-*, invoke:model/p/gpt-4*",
    "invoke:model/p/gpt-*, invoke:model/p/gpt-4o",
    "proxy, proxy:p",
    "proxy:p, proxy:p",
  })
  void widerRestrictionCoversNarrowerOne(String wider, String narrower) {
    assertThat(grants(wider).covers(grants(narrower))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "invoke:provider/p, invoke",
    "invoke:provider/p, invoke:provider/q",
    "invoke:provider/p, invoke:model/q/gpt-4o",
    "invoke:provider/p, invoke:0189e3c1-7a40-7000-8000-00000000000a",
    "invoke:0189e3c1-7a40-7000-8000-00000000000a, invoke:provider/p",
    "invoke:model/p/*, invoke:provider/p",
    "invoke:model/p/*, invoke",
    "invoke:model/p/gpt-4*, invoke:model/p/gpt-*",
    "invoke:model/p/gpt-*, invoke:model/q/gpt-4o",
    "invoke, proxy",
    "invoke:provider/p, proxy:p",
    "invoke:provider/p, invoke:route/0189e3c1-7a40-7000-8000-00000000000a",
    "invoke:route/0189e3c1-7a40-7000-8000-00000000000a, invoke:0189e3c1-7a40-7000-8000-00000000000a",
    "invoke:0189e3c1-7a40-7000-8000-00000000000a, invoke:route/0189e3c1-7a40-7000-8000-00000000000a",
    "proxy, invoke:provider/p",
    "proxy:p, proxy",
    "proxy:p, proxy:q",
  })
  void restrictionDoesNotCoverWiderOrOtherOne(String one, String other) {
    assertThat(grants(one).covers(grants(other))).isFalse();
  }

  @Test
  void currentActorDefaultsToTheService() {
    Actor actor =
        new Actor(
            new Caller(Caller.Kind.KEY, "k1", "tests", GrantSet.NONE),
            Optional.of("127.0.0.1"),
            Optional.of("r1"));
    assertThat(actor.call(Actor::current)).isEqualTo(actor);
    assertThat(Actor.current().caller()).isEqualTo(Caller.SERVICE);
  }
}
