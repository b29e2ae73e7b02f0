package dev.agentlab.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.Versioned;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.http.RouteServer;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ProviderProbe;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class ProbeDisconnectTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final ProviderKinds KINDS = ProviderKinds.standard();

  @Test
  void clientDisconnectCancelsProbe() throws Exception {
    EventLoops loops = new EventLoops();
    UpstreamClient client =
        new UpstreamClient(
            loops,
            new EgressPolicy(true, List.of()),
            Resolver.system(),
            MINUTE,
            new MemoryBudget(64 << 20));
    UpstreamLimits limits = new UpstreamLimits(MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, 1024);
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {});
        RouteServer server =
            RouteServer.of(
                RouteServer.settings(),
                ProviderRoutes.of(
                    new ValidatingProviders(),
                    KINDS,
                    new ProviderProbe(client, limits),
                    new ModelCatalog(client, limits)))) {
      try (RawHttpConnection wire = server.connect()) {
        wire.send(
            "POST /api/providers/probe HTTP/1.1\r\nContent-Type: application/json",
            "{\"config\": {\"name\": \"ollama\", \"base_url\": \"%s\"}}".formatted(silent.url("")));
        silent.request();
      }

      // Well before the timeout of one minute.
      assertThat(silent.disconnect()).isPositive();
    } finally {
      client.stop(Duration.ofSeconds(5));
      loops.stop(Duration.ofSeconds(5));
    }
  }

  /// A registry that stores nothing and only validates configurations.
  private static final class ValidatingProviders implements Providers {
    @Override
    public CallableProvider resolveCandidate(ProbeInput input) {
      return KINDS.build(KINDS.parse(input.config().json()));
    }

    @Override
    public Provider create(ProviderInput input, Optional<String> idempotencyKey) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Versioned<Provider> find(UUID id) {
      throw new ProviderException.NotFound(id);
    }

    @Override
    public Versioned<Provider> replace(UUID id, ProviderInput input, LongPredicate expected) {
      throw new ProviderException.NotFound(id);
    }

    @Override
    public void delete(UUID id, LongPredicate expected) {
      throw new ProviderException.NotFound(id);
    }

    @Override
    public Page<Provider> search(SearchRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long count() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<UUID> findId(String name) {
      return Optional.empty();
    }

    @Override
    public Dependents dependents(UUID id, PageRequest page) {
      throw new ProviderException.NotFound(id);
    }

    @Override
    public ResolvedProvider resolve(UUID id) {
      throw new ProviderException.NotFound(id);
    }

    @Override
    public Optional<ResolvedProvider> resolveCached(UUID id) {
      return Optional.empty();
    }

    @Override
    public Map<UUID, String> findNames(Set<UUID> ids) {
      return Map.of();
    }

    @Override
    public Optional<Optional<UUID>> findIdCached(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ResolvedProvider> resolve(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<ProviderEntry>> entries() {
      return CompletableFuture.completedFuture(List.of());
    }
  }
}
