package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class GrantSetPropertyTest {
  private static final Scope READ = new Scope("providers:read");
  private static final List<Scope> SCOPES = List.of(READ, Scope.INVOKE, Scope.PROXY);
  private static final List<UUID> AGENTS = List.of(new UUID(1, 1), new UUID(1, 2));
  private static final List<String> PROVIDERS = List.of("p", "p/a", "q");

  @Property(tries = 5_000)
  void coveringGrantsAllowWhateverTheCoveredOnesAllow(
      @ForAll("grantSets") GrantSet wider,
      @ForAll("grantSets") GrantSet narrower,
      @ForAll("models") String model) {
    if (wider.covers(narrower)) {
      assertThat(allowed(wider, model)).containsAll(allowed(narrower, model));
    }
  }

  /// Most pairs of random sets do not cover each other, most pairs of single grants of one scope
  /// do.
  @Property(tries = 5_000)
  void coveringGrantAllowsWhateverTheCoveredOneAllows(
      @ForAll("grants") Grant wider,
      @ForAll("grants") Grant narrower,
      @ForAll("models") String model) {
    GrantSet all = new GrantSet(Set.of(wider));
    GrantSet some = new GrantSet(Set.of(narrower));
    if (all.covers(some)) {
      assertThat(allowed(all, model)).containsAll(allowed(some, model));
    }
  }

  @Property
  void grantsCoverThemselvesAndAreCoveredByAllScopes(@ForAll("grantSets") GrantSet grants) {
    assertThat(grants.covers(grants)).isTrue();
    assertThat(new GrantableScopes(SCOPES).allGrants().covers(grants)).isTrue();
    assertThat(grants.covers(GrantSet.NONE)).isTrue();
    assertThat(GrantSet.NONE.covers(grants)).isEqualTo(grants.all().isEmpty());
  }

  /// Everything that grants allow, in text form.
  private static Set<String> allowed(GrantSet grants, String model) {
    Set<String> allowed = new HashSet<>();
    for (Scope scope : SCOPES) {
      add(allowed, grants.allows(scope), "all of " + scope);
      add(allowed, grants.allowsInPart(scope), "some of " + scope);
    }
    for (UUID agent : AGENTS) {
      add(allowed, grants.allowsAgent(agent), "agent " + agent);
      add(allowed, grants.allowsRoute(agent), "route " + agent);
    }
    add(allowed, grants.allowsSomeAgent(), "some agent");
    for (String provider : PROVIDERS) {
      add(allowed, grants.allowsModel(provider, model), "model of " + provider);
      add(allowed, grants.allowsProxy(provider), "proxy of " + provider);
    }
    return allowed;
  }

  private static void add(Set<String> allowed, boolean isAllowed, String what) {
    if (isAllowed) {
      allowed.add(what);
    }
  }

  @Provide
  Arbitrary<GrantSet> grantSets() {
    return grants().set().ofMaxSize(4).map(GrantSet::new);
  }

  @Provide
  Arbitrary<Grant> grants() {
    Arbitrary<String> providers = Arbitraries.of(PROVIDERS);
    Arbitrary<ModelPattern> patterns =
        Arbitraries.strings()
            .withChars('a', 'b', '*')
            .ofMinLength(1)
            .ofMaxLength(6)
            .map(ModelPattern::new);
    return Arbitraries.oneOf(
        Arbitraries.of(SCOPES).map(Grant::of),
        Arbitraries.of(AGENTS).map(Grant::invoke),
        Arbitraries.of(AGENTS).map(id -> new Grant(Scope.INVOKE, new Restriction.ToRoute(id))),
        Combinators.combine(Arbitraries.of(Scope.INVOKE, Scope.PROXY), providers)
            .as((scope, name) -> new Grant(scope, new Restriction.ToProvider(name))),
        Combinators.combine(providers, patterns)
            .as((name, pattern) ->
                new Grant(Scope.INVOKE, new Restriction.ToModels(name, pattern))));
  }

  @Provide
  Arbitrary<String> models() {
    return Arbitraries.strings().withChars('a', 'b').ofMaxLength(6);
  }
}
