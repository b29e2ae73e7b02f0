package dev.agentlab.server;

import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A server for all tests of a class, and the upstream of its providers, which sends the bytes that
/// a test scripts.
public abstract class ScriptedServer
    implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  /// The credential of the providers.
  public static final String PROVIDER_KEY = "sk-canary-0123456789abcdef";

  private final TestServer server = new TestServer();
  private final AtomicReference<FakeUpstream.Script> script;
  private final FakeUpstream upstream;

  protected ScriptedServer(FakeUpstream.Script first) {
    script = new AtomicReference<>(first);
    upstream = FakeUpstream.start((request, out) -> script.get().respond(request, out));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server.start();
  }

  /// Discards the requests of other tests.
  @Override
  public void beforeEach(ExtensionContext context) throws InterruptedException {
    while (!upstream.isIdle()) {
      upstream.request();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    server.stop();
    upstream.close();
  }

  public TestServer server() {
    return server;
  }

  public FakeUpstream upstream() {
    return upstream;
  }

  /// Sets the script of the upstream.
  public void setScript(FakeUpstream.Script next) {
    script.set(next);
  }
}
