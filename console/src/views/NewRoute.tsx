import { useLocation } from 'preact-iso'
import { Forbidden } from '../components/states'
import { Page } from '../components/ui'
import { useScopes } from '../session'
import { RouteForm } from './routes/RouteForm'
import { newRoute } from './routes/settings'

/** Adds a route. */
export default function NewRoute() {
  const { route } = useLocation()
  const may = useScopes()
  return (
    <Page
      title="New route"
      back={{ href: '/routes', label: 'Routes' }}
      lead="Several models and agents behind one name."
    >
      {may('routes:write') ? (
        <RouteForm
          onSaved={({ value }) => {
            newRoute.announce(value)
            route(`/routes/${value.id}`)
          }}
        />
      ) : (
        <Forbidden scope="routes:write" />
      )}
    </Page>
  )
}
