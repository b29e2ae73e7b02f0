import { render } from 'preact'
import { App } from './App'
import { applyTheme } from './components/Layout'
import './styles/index.css'

applyTheme()
render(<App />, document.getElementById('app')!)
