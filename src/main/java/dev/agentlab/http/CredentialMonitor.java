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

/// Authenticates the credentials of requests in progress again, and reports those that are no
/// longer valid. Safe for all threads.
final class CredentialMonitor {
  /// Between two checks. A revocation by another replica is known to this one within milliseconds,
  /// so that this leaves room within the second that a revoked key may go on.
  static final Duration INTERVAL = Duration.ofMillis(250);

  /// Compared by identity: several requests may show one credential.
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
  /// @param rejected is called with each check that finds it invalid, with the detail of a 401
  /// @return ends the watch; must be run when the request is over
  Runnable watch(Secret credential, Consumer<String> rejected) {
    Watched added = new Watched(credential, rejected);
    watched.add(added);
    return () -> watched.remove(added);
  }

  boolean isEmpty() {
    return watched.isEmpty();
  }

  /// Checks all of them, unless another thread does; may block.
  void check() {
    if (!checking.tryLock()) {
      return;
    }
    try {
      watched.forEach(this::check);
    } catch (UnavailableException e) {
      // A database that is away must not end every stream. The next check may get an answer.
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
