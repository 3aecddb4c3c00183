console.log('The code review demo is on its way.')
