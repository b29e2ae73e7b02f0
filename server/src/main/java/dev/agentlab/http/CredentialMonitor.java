package dev.agentlab.http;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Periodically re-authenticates the credentials of requests in progress, and reports those that
/// are no longer valid. Safe for all threads.
final class CredentialMonitor {
  /// The interval between checks. A revocation by another replica arrives within milliseconds, so
  /// requests of a revoked key end within one second.
  static final Duration CHECK_INTERVAL = Duration.ofMillis(250);

  /// Compared by identity: several requests may present the same credential.
  private static final class Watch {
    private final RequestCredential credential;
    private final Consumer<String> onRejected;
    private final AtomicBoolean isVerifying = new AtomicBoolean();

    private Watch(RequestCredential credential, Consumer<String> rejected) {
      this.credential = credential;
      this.onRejected = rejected;
    }
  }

  private final Authenticators authenticators;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final ReentrantLock checkLock = new ReentrantLock();

  CredentialMonitor(Authenticators authenticators) {
    this.authenticators = authenticators;
  }

  /// Watches the credential of one request.
  ///
  /// @param rejected called by each check that finds the credential invalid, on any thread, with
  ///   the detail of a 401
  /// @return an action that ends the watch; must be run when the request ends
  Runnable watch(RequestCredential credential, Consumer<String> rejected) {
    Watch added = new Watch(credential, rejected);
    watches.add(added);
    return () -> watches.remove(added);
  }

  boolean isEmpty() {
    return watches.isEmpty();
  }

  /// Checks all watched credentials unless another thread does so. May block.
  void check() {
    if (!checkLock.tryLock()) {
      return;
    }
    try {
      watches.forEach(this::check);
    } catch (UnavailableException e) {
      // An unavailable database must not end every stream. The next check may succeed.
    } finally {
      checkLock.unlock();
    }
  }

  private void check(Watch one) {
    Authenticator authenticator = authenticators.of(one.credential);
    Secret secret = one.credential.secret();
    AuthenticationResult authentication = authenticator.check(secret);
    if (!(authentication instanceof AuthenticationResult.Undecided)) {
      report(one, authentication);
    } else if (!one.credential.isSession()) {
      report(one, authenticator.verify(secret));
    } else if (one.isVerifying.compareAndSet(false, true)) {
      // This may wait for the identity provider, which must not delay the other checks.
      Thread.ofVirtual().name("session-check").start(() -> verify(one, authenticator, secret));
    }
  }

  private static void verify(Watch one, Authenticator authenticator, Secret secret) {
    try {
      report(one, authenticator.verify(secret));
    } catch (UnavailableException e) {
      // As above: the next check may succeed.
    } finally {
      one.isVerifying.set(false);
    }
  }

  private static void report(Watch one, AuthenticationResult authentication) {
    if (authentication instanceof AuthenticationResult.Refused(String detail)) {
      one.onRejected.accept(detail);
    }
  }
}
