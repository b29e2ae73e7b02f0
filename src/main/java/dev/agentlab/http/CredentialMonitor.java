package dev.agentlab.http;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Periodically re-authenticates the credentials of requests in progress, and reports those that
/// are no longer valid. Safe for all threads.
final class CredentialMonitor {
  /// The interval between checks. A revocation by another replica arrives within milliseconds, so
  /// requests of a revoked key end within one second.
  static final Duration INTERVAL = Duration.ofMillis(250);

  /// Compared by identity: several requests may present the same credential.
  private static final class Watched {
    private final Secret credential;
    private final Consumer<String> rejected;

    private Watched(Secret credential, Consumer<String> rejected) {
      this.credential = credential;
      this.rejected = rejected;
    }
  }

  private final Authenticator authenticator;
  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private final ReentrantLock checking = new ReentrantLock();

  CredentialMonitor(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /// Watches the credential of one request.
  ///
  /// @param rejected called by each check that finds the credential invalid, with the detail of a
  ///   401
  /// @return an action that ends the watch; must be run when the request ends
  Runnable watch(Secret credential, Consumer<String> rejected) {
    Watched added = new Watched(credential, rejected);
    watched.add(added);
    return () -> watched.remove(added);
  }

  boolean isEmpty() {
    return watched.isEmpty();
  }

  /// Checks all watched credentials unless another thread does so. May block.
  void check() {
    if (!checking.tryLock()) {
      return;
    }
    try {
      watched.forEach(this::check);
    } catch (UnavailableException e) {
      // An unavailable database must not end every stream. The next check may succeed.
    } finally {
      checking.unlock();
    }
  }

  private void check(Watched one) {
    AuthenticationResult authentication = authenticator.check(one.credential);
    if (authentication instanceof AuthenticationResult.Undecided) {
      authentication = authenticator.verify(one.credential);
    }
    if (authentication instanceof AuthenticationResult.Refused(String detail)) {
      one.rejected.accept(detail);
    }
  }
}
