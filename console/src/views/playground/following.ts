import { useEffect, useRef } from 'preact/hooks'

/** Keeps the end of the page in view while answers grow, until the user scrolls away from it. */
export function useFollowing(): { start: () => void; onGrow: () => void } {
  const isFollowing = useRef(false)
  useEffect(() => {
    const onScroll = () => {
      isFollowing.current = innerHeight + scrollY > document.documentElement.scrollHeight - 120
    }
    addEventListener('scroll', onScroll, { passive: true })
    return () => removeEventListener('scroll', onScroll)
  }, [])
  const onGrow = () => {
    if (isFollowing.current) requestAnimationFrame(() => scrollTo(0, document.documentElement.scrollHeight))
  }
  const start = () => {
    isFollowing.current = true
    onGrow()
  }
  return { start, onGrow }
}
